import type { BuildId, ProjectId } from '../base/ids.ts';
import type { BuildInShort } from '../protocol/results.ts';
import type { Db } from '../store/schema/database.ts';
import { baselinesOf } from './store/baseline.ts';
import { referenceOf } from './store/builds.ts';
import { environmentRows } from './store/in-short.ts';
import { sumCounts, verdictOf } from './summary.ts';

/**
 * What lists say of some builds: their verdicts, counts, environments and baselines. Two queries, however many there
 * are. Of each project they are to be without gaps: see `baselinesOf`.
 */
export async function buildsInShort(
  db: Db,
  builds: readonly { build_id: BuildId; project_id: ProjectId }[],
): Promise<Map<BuildId, BuildInShort>> {
  const build_ids = builds.map((build) => build.build_id);
  const [rows, baselines] = await Promise.all([environmentRows(db, build_ids), baselinesOf(db, builds)]);
  const rowsOf = Map.groupBy(rows, (row) => row.build_id);
  return new Map(
    build_ids.map((build_id) => {
      const own = rowsOf.get(build_id) ?? [];
      const environments = own.map(({ build_id: _, environment, words, tests, ...counts }) => {
        return { environment, verdict: verdictOf(words), counts, tests };
      });
      const baseline = baselines.get(build_id);
      return [
        build_id,
        {
          verdict: verdictOf(own.flatMap((row) => row.words)),
          counts: sumCounts(environments.map((environment) => environment.counts)),
          tests: environments.reduce((sum, environment) => sum + environment.tests, 0),
          environments,
          baseline: baseline === undefined ? null : referenceOf(baseline),
        },
      ];
    }),
  );
}
