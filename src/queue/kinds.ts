import { Compile } from 'typebox/compile';
import { GroundcrewError } from '../base/errors/error.ts';
import { type BoundKind, type NewItem, USUAL_LONGEST_MS, USUAL_RETRY, type WorkKind } from './contract.ts';

/** An item of this kind, to be enqueued. One live item a (kind, key): a second one is the same work. */
export function itemOf<Payload extends object>(
  kind: Pick<WorkKind<Payload, never>, 'name' | 'lane' | 'payload'>,
  key: string,
  payload: Payload,
  delay_ms = 0,
): NewItem {
  return { lane: kind.lane, kind: kind.name, key, payload, delay_ms };
}

/** The kind with what its handler works with. */
export function bindKind<Payload extends object, Environment>(
  kind: WorkKind<Payload, Environment>,
  environment: Environment,
): BoundKind {
  const schema = Compile(kind.payload);
  const { name, lane, retry = USUAL_RETRY, longest_ms = USUAL_LONGEST_MS } = kind;
  return {
    ...{ name, lane, retry, longest_ms },
    async handle(item, context) {
      if (!schema.Check(item.payload)) {
        const [first] = schema.Errors(item.payload);
        const detail = first === undefined ? 'unknown' : `${first.instancePath || '/'} ${first.message}`;
        throw new GroundcrewError('GC1224', { id: item.id, kind: name, detail });
      }
      await kind.work(environment, item.payload as Payload, context);
    },
  };
}
