import type { Rule } from '../finding.ts';
import { abbreviations } from './abbreviations.ts';
import { bannedCalls } from './banned-calls.ts';
import { barrels } from './barrels.ts';
import { databaseTime } from './database-time.ts';
import { deadFiles } from './dead-files.ts';
import { floors } from './floors.ts';
import { leftOut } from './left-out.ts';
import { noSleeps } from './no-sleeps.ts';
import { readmes } from './readmes.ts';
import { sizes } from './sizes.ts';
import { tableReaders } from './table-readers.ts';
import { tableWriters } from './table-writers.ts';
import { traces } from './traces.ts';

/** Every rule, in the order of the report. */
export const RULES: readonly Rule[] = [
  bannedCalls,
  databaseTime,
  noSleeps,
  floors,
  tableWriters,
  tableReaders,
  sizes,
  deadFiles,
  barrels,
  abbreviations,
  leftOut,
  readmes,
  traces,
];
