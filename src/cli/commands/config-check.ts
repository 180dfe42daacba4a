import { relative, resolve } from 'node:path';
import { GroundcrewError } from '../../base/errors/error.ts';
import { readTextFile } from '../../schema/yaml/file.ts';
import { EXIT } from '../exit-status.ts';
import type { Group } from '../group.ts';

/** `groundcrew config check`: every problem of a configuration with its line, without starting anything. */
export function addConfigCheck(config: Group): void {
  config.add<[file: string | undefined], object>({
    usage: 'check [file]',
    description: 'Say everything that is wrong with a configuration (groundcrew.yaml), or what it amounts to',
    example: 'groundcrew config check groundcrew.yaml',
    is_local: true,
    async work(context, _flags, named) {
      const { checkConfig } = await import('../../config/check.ts');
      const { DEFAULT_CONFIG_FILE, readConfigFile } = await import('../../config/load.ts');
      const { directory, environment } = context.home;
      const path = resolve(directory, named ?? DEFAULT_CONFIG_FILE);
      const file = named ?? DEFAULT_CONFIG_FILE;
      const found = readConfigFile(path);
      if (!('text' in found)) {
        if (!found.missing || named !== undefined)
          throw new GroundcrewError('GC1102', { file, detail: found.problem, how: 'groundcrew config check FILE' });
        if (context.json) context.sayJson({ file: null, ok: true, errors: [], warnings: [], summary: null });
        else context.say(`· there is no ${file} here: the server would use its built-in configuration`);
        return EXIT.fine;
      }
      // What it names is found beside it, wherever this runs.
      const shown = relative(process.cwd(), path);
      const { DRIVERS } = await import('../../providers/all.ts');
      const name = directory === process.cwd() ? file : shown;
      const check = checkConfig(found.text, name, environment, DRIVERS, readTextFile);
      if (context.json) context.sayJson(check.json);
      else context.sayAll(check.lines.map((line) => coloured(line, context.paint)));
      return check.ok ? EXIT.fine : EXIT.error;
    },
  });
}

function coloured(line: string, paint: { good(text: string): string; bad(text: string): string }): string {
  if (line.startsWith('✓')) return paint.good(line);
  return line.startsWith('✗') ? paint.bad(line) : line;
}
