import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../base/errors/error.ts';

/** The text of a file, or in a few words why there is none. `missing`: there is nothing of that name. */
export type FileText = { text: string } | { problem: string; missing: boolean };

/** Reads files for those who parse; tests and other machines' texts hand in their own. */
export type FileReader = (path: string, maximum_bytes: number) => FileText;

/** Reads a file of this machine. Never waits on a pipe or a device, never reads more than the bound. */
export const readTextFile: FileReader = (path, maximum_bytes) => {
  const refuse = (problem: string): FileText => ({ problem, missing: false });
  try {
    const state = statSync(path);
    if (state.isDirectory()) return refuse('it is a directory, not a file');
    if (!state.isFile()) return refuse('it is not a plain file');
    if (state.size > maximum_bytes) {
      return refuse(`it is too large: ${state.size} bytes, and ${maximum_bytes} are the most`);
    }
    const bytes = readFileSync(path);
    if (bytes.length > maximum_bytes) return refuse(`it is too large: ${maximum_bytes} bytes are the most`);
    return decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'there is no such file', missing: true };
    if (code === 'EACCES' || code === 'EPERM') return refuse('its permissions do not let the server read it');
    return refuse(messageOf(error));
  }
};

function decode(bytes: Buffer): FileText {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'it is not text in UTF-8', missing: false };
  }
}

/** Reads nothing: for texts that must stand alone. */
export const noFiles: FileReader = () => ({ problem: 'other files cannot be read from here', missing: false });
