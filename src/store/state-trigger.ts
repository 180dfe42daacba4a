/** The states of one table's rows, as its owner's `state.ts` has them. */
export interface StateRules {
  readonly table: string;
  /** The states in which a row may begin. */
  readonly first: readonly string[];
  readonly transitions: Readonly<Record<string, readonly string[]>>;
}

/** What PostgreSQL answers to a move that is not listed: `translateDatabaseError` makes GC1225 of it. */
export const REFUSED_STATE = 'ST001';

/**
 * SQL by which the database refuses a row that begins in another state, and an update to a state that may not follow.
 * The conditions are the triggers' own, so that a move that is allowed calls no function. Migrations carry this text
 * as it was when they were written; a test of each owner holds it to the `state.ts` of today. May be repeated: an
 * import into an empty database drops tables only.
 */
export function stateTriggerSql({ table, first, transitions }: StateRules): string {
  const cases = Object.entries(transitions).map(
    ([from, to]) => `    when ${quoted(from)} then ${to.length === 0 ? 'false' : `new.state in (${list(to)})`}`,
  );
  return `create or replace function refuse_state() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    raise exception using errcode = '${REFUSED_STATE}',
      message = format('a row of %s cannot begin as %s', tg_table_name, new.state);
  end if;
  raise exception using errcode = '${REFUSED_STATE}',
    message = format('%s of %s cannot go from %s to %s', old.id, tg_table_name, old.state, new.state);
end $$;
create or replace trigger ${table}_first_state before insert on ${table} for each row
  when (new.state not in (${list(first)})) execute function refuse_state();
create or replace trigger ${table}_next_state before update of state on ${table} for each row
  when (old.state <> new.state and not case old.state
${cases.join('\n')}
    else false end) execute function refuse_state();
`;
}

const quoted = (state: string): string => `'${state.replaceAll("'", "''")}'`;
const list = (states: readonly string[]): string => states.map(quoted).join(', ');
