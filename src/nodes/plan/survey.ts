import { type Rejection, whyRejected } from '../../labels/rejection.ts';
import type { Want } from '../../labels/want.ts';
import type { Capacity } from './capacity.ts';
import type { Considered, PoolRoom } from './room.ts';

/** What one want was told of every node type, in the order of the configuration. */
interface Surveyed {
  /** Of the capacity, when it was told. */
  version: number;
  considered: readonly Considered[];
  /** Node types whose labels will not do: that does not change. */
  readonly rejected: readonly (Considered | null)[];
}

/**
 * What the plan thinks of every node type for a want, as of now. Kept while nothing changes, and piece by piece where
 * nothing changed: thousands of requests that wait for the same are told the same.
 */
export class Survey {
  private readonly capacity: Capacity;
  private readonly surveyed = new Map<string, Surveyed>();
  private readonly current = new Map<PoolRoom, Considered>();

  constructor(capacity: Capacity) {
    this.capacity = capacity;
  }

  of(want: Want): readonly Considered[] {
    let surveyed = this.surveyed.get(want.expression);
    if (surveyed === undefined) {
      surveyed = { version: -1, considered: [], rejected: this.reject(want) };
      this.surveyed.set(want.expression, surveyed);
    }
    const { version, pools } = this.capacity;
    if (surveyed.version !== version) {
      const { rejected } = surveyed;
      surveyed.considered = pools.map((room, index) => rejected[index] ?? this.consider(room));
      surveyed.version = version;
    }
    return surveyed.considered;
  }

  private consider(room: PoolRoom): Considered {
    const verdict = this.capacity.verdict(room);
    let considered = this.current.get(room);
    if (considered?.verdict !== verdict) {
      considered = { provider: room.pool.provider, node_type: room.pool.node_type, verdict };
      this.current.set(room, considered);
    }
    return considered;
  }

  private reject({ parsed }: Want): (Considered | null)[] {
    const known = new Map<string, Rejection | null>();
    return this.capacity.pools.map(({ pool, labels }) => {
      const key = pool.labels.join(' ');
      let rejection = known.get(key);
      if (rejection === undefined) {
        rejection = parsed === null ? { missing: [], unwanted: [] } : whyRejected(parsed, labels);
        known.set(key, rejection);
      }
      const { provider, node_type } = pool;
      return rejection === null ? null : { provider, node_type, verdict: { kind: 'rejected', ...rejection } };
    });
  }
}
