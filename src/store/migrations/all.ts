import { sql as base } from './0001-base.ts';
import { sql as queue } from './0002-queue.ts';
import { sql as fleet } from './0003-fleet.ts';
import { sql as runs } from './0004-runs.ts';
import { sql as results } from './0005-results.ts';
import { sql as tokenIssuers } from './0006-token-issuers.ts';
import { sql as aliveDeadlines } from './0007-alive-deadlines.ts';
import { sql as queueFunctions } from './0008-queue-functions.ts';
import { sql as aliveNodeDeadlines } from './0009-alive-node-deadlines.ts';
import { sql as holdsUntilVerdict } from './0010-holds-until-verdict.ts';
import { sql as waitsAndLeaks } from './0011-waits-and-leaks.ts';
import { sql as keysByCaller } from './0012-keys-by-caller.ts';
import { sql as tokensOfLaunches } from './0013-tokens-of-launches.ts';
import { sql as stoppedMachines } from './0014-stopped-machines.ts';
import { sql as oneClock } from './0015-one-clock.ts';
import { sql as amounts } from './0016-amounts.ts';
import { sql as states } from './0017-states.ts';
import { sql as assignments } from './0018-assignments.ts';
import { sql as machines } from './0019-machines.ts';
import { sql as providers } from './0020-providers.ts';
import { sql as views } from './0021-views.ts';

/** In order; a migration that was released is never changed, only followed. */
export const MIGRATIONS: readonly { name: string; sql: string }[] = [
  { name: '0001-base', sql: base },
  { name: '0002-queue', sql: queue },
  { name: '0003-fleet', sql: fleet },
  { name: '0004-runs', sql: runs },
  { name: '0005-results', sql: results },
  { name: '0006-token-issuers', sql: tokenIssuers },
  { name: '0007-alive-deadlines', sql: aliveDeadlines },
  { name: '0008-queue-functions', sql: queueFunctions },
  { name: '0009-alive-node-deadlines', sql: aliveNodeDeadlines },
  { name: '0010-holds-until-verdict', sql: holdsUntilVerdict },
  { name: '0011-waits-and-leaks', sql: waitsAndLeaks },
  { name: '0012-keys-by-caller', sql: keysByCaller },
  { name: '0013-tokens-of-launches', sql: tokensOfLaunches },
  { name: '0014-stopped-machines', sql: stoppedMachines },
  { name: '0015-one-clock', sql: oneClock },
  { name: '0016-amounts', sql: amounts },
  { name: '0017-states', sql: states },
  { name: '0018-assignments', sql: assignments },
  { name: '0019-machines', sql: machines },
  { name: '0020-providers', sql: providers },
  { name: '0021-views', sql: views },
];
