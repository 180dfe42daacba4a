import { GroundcrewError, messageOf } from '../base/errors/error.ts';
import { type DatabaseAddress, describeAddress, namesIn } from './address.ts';
import { REFUSED_STATE } from './state-trigger.ts';

const DISK_FULL = '53100';
const NO_SUCH_DATABASE = '3D000';
/** invalid_authorization_specification, invalid_password */
const REFUSED = new Set(['28000', '28P01']);

/** The five-character SQLSTATE of an error from PostgreSQL, or the system's code (`ECONNREFUSED`), or null. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  const inner = (error as { errors?: unknown }).errors;
  return Array.isArray(inner) ? errorCode(inner[0]) : null;
}

/** What a person is told when a database cannot be opened. Never holds the password. */
export function connectionError(address: DatabaseAddress, error: unknown): GroundcrewError {
  if (error instanceof GroundcrewError) return error;
  const code = errorCode(error);
  const where = describeAddress(address);
  const { user, database } = namesIn(address);
  if (code === NO_SUCH_DATABASE) return new GroundcrewError('GC1203', { database, address: where }, error);
  if (code === DISK_FULL) return new GroundcrewError('GC1211', { detail: messageOf(error) }, error);
  // pg itself notices a missing password, or one that is not text, before it asks the server.
  if ((code !== null && REFUSED.has(code)) || /password/i.test(messageOf(error))) {
    return new GroundcrewError('GC1202', { address: where, user, detail: messageOf(error) }, error);
  }
  const detail = messageOf(error) || code || 'no answer';
  return new GroundcrewError('GC1201', { address: where, detail }, error);
}

/** GC1211 when the database's disk is full, GC1225 when it refused a state; anything else unchanged. */
export function translateDatabaseError(error: unknown): unknown {
  if (errorCode(error) === REFUSED_STATE) return new GroundcrewError('GC1225', { detail: messageOf(error) }, error);
  if (errorCode(error) === DISK_FULL) return new GroundcrewError('GC1211', { detail: messageOf(error) }, error);
  return error;
}

/** SQLSTATE classes and system codes of a database that is not there now, or says goodbye. */
const LOST = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** What pg says, without a code, of a connection that broke under a statement or could not be had. */
const LOST_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

/** Could the database not be reached, or did its connection break? What was asked for may be asked again. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error);
  // A file that is missing has the same code, and a path that is not a database's socket.
  if (code === 'ENOENT') return (error as { syscall?: unknown }).syscall === 'connect';
  return (code !== null && LOST.test(code)) || LOST_WORDS.test(error.message);
}

/** As `translateDatabaseError`, and GC1219 for a connection that broke: for work that does not try again. */
export function translateLostDatabase(thrown: unknown): unknown {
  const error = translateDatabaseError(thrown);
  if (error instanceof GroundcrewError || !isConnectionLost(error)) return error;
  return new GroundcrewError('GC1219', { detail: messageOf(error) }, error);
}
