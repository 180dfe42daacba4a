import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type Trouble, troubleOf } from '../api.ts';
import { Command } from './command.tsx';
import { TroubleNotice } from './trouble.tsx';

interface ActionProperties {
  /** What the button says, and the dialog too. */
  name: string;
  /** Why it cannot be done now; the button is disabled and says so. */
  why_not: string | null;
  /** What will happen, asked before it is done. */
  question: string;
  /** The same from the command line. */
  command: string | null;
  /** More to fill in, inside of the dialog. */
  children?: ComponentChildren;
  act(): Promise<unknown>;
  onDone?(): void;
}

/** A button that asks before it acts. */
export function Action(properties: ActionProperties): JSX.Element {
  const [open, setOpen] = useState(false);
  const { name, why_not } = properties;
  if (why_not !== null) {
    // Not `disabled`: a disabled button tells nobody why, since it is never reached by the keyboard.
    return (
      <button type="button" class="off" aria-disabled="true" title={`${name}: ${why_not}`}>
        {name} <span class="offscreen">({why_not})</span>
      </button>
    );
  }
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {name}…
      </button>
      {open ? <AskDialog {...properties} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function AskDialog(properties: ActionProperties & { onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await properties.act();
      properties.onClose();
      properties.onDone?.();
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={title} onClose={properties.onClose}>
      <h1 id={title}>{properties.question}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        {properties.children}
        <TroubleNotice trouble={trouble} />
        <p class="buttons">
          <button type="submit" class="sure" disabled={busy}>
            {properties.name}
          </button>
          <button type="button" onClick={properties.onClose}>
            Not now
          </button>
        </p>
      </form>
      {properties.command === null ? null : (
        <p class="quiet">
          The same from a terminal: <br />
          <Command text={properties.command} />
        </p>
      )}
    </dialog>
  );
}
