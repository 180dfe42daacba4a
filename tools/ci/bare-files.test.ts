import { expect, it } from 'vitest';
import { projectOf } from '../tidy/testing/texts.ts';
import { bareFiles } from './bare-files.ts';

it('finds the tests that ask for something or name a program, also by what they import for tests', () => {
  const texts = {
    'tools/needs/needs.ts': 'export const needs = 1;',
    'src/asks.test.ts': "import { needs } from '../tools/needs/needs.ts';",
    'src/through.test.ts': "import { place } from './testing/place.ts';",
    'src/testing/place.ts': "import { deeper } from './deeper.ts';",
    'src/testing/deeper.ts': "import { needs } from '../../tools/needs/needs.ts';\nimport './place.ts';",
    'src/names.test.ts': "spawn('bwrap');",
    'src/postgres.test.ts': "spawn('postgres', ['chromiumlike']);",
    'src/code.test.ts': "import { isolate } from './code.ts';",
    'src/code.ts': "export const isolate = () => spawn('bwrap');",
  };
  expect(bareFiles(projectOf(texts))).toEqual(['src/asks.test.ts', 'src/names.test.ts', 'src/through.test.ts']);
});
