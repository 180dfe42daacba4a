import type { JSX } from 'preact';
import { formatDuration } from '../../../../src/base/units.ts';
import type { BuildView } from '../../../../src/protocol/api/builds.ts';
import { CountsBar } from '../../parts/counts.tsx';
import { Choice } from '../../parts/filters.tsx';
import { Sign, Status } from '../../parts/status.tsx';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';
import { query } from '../../route.ts';

type Environment = BuildView['environments'][number];
type Job = Environment['jobs'][number];

/** Environments × jobs of a build: what each came to. */
export function Environments(properties: { build: BuildView }): JSX.Element {
  const { environments } = properties.build;
  const chosen = query.value.get('environment');
  const shown = environments.filter((each) => chosen === null || each.environment === chosen);
  return (
    <section aria-labelledby="environments-title">
      <h2 id="environments-title">Environments and jobs</h2>
      {environments.length > 1 ? (
        <div class="filters">
          <Choice
            name="environment"
            label="environment"
            words={environments.map((each) => each.environment)}
            none="all"
          />
        </div>
      ) : null}
      <Table columns={columnsFor(shown)} rows={shown} keyOf={({ environment }) => environment} />
    </section>
  );
}

function columnsFor(environments: readonly Environment[]): readonly Column<Environment>[] {
  const jobs = new Set(environments.flatMap((each) => each.jobs.map(({ job }) => job)));
  return [
    {
      key: 'environment',
      head: 'Environment',
      width_px: 120,
      names_row: true,
      card: 'title',
      cell: ({ environment, verdict }) => (
        <>
          <Sign word={verdict} /> {environment}
        </>
      ),
    },
    {
      key: 'tests',
      head: 'tests',
      width_px: 90,
      align: 'right',
      card: 'half',
      look: ({ tests }) => (tests === 0 ? 'quiet' : ''),
      cell: ({ tests, jobs: own }) => (tests === 0 ? jobWords(own) : tests.toLocaleString('en')),
    },
    {
      key: 'took',
      head: 'took',
      width_px: 90,
      gives_way: 1,
      align: 'right',
      card: 'half',
      card_without: ({ tests }) => tests === 0,
      cell: ({ tests, duration_ms }) => (tests === 0 ? null : formatDuration(duration_ms)),
    },
    ...[...jobs].map(
      (job): Column<Environment> => ({
        key: `of ${job}`,
        head: job,
        width_px: 170,
        card_without: ({ jobs: own }) => own.every((each) => each.job !== job),
        cell: (environment) => <JobCell job={environment.jobs.find((each) => each.job === job)} />,
      }),
    ),
  ];
}

/** `1 passed, 1 skipped`: what there is to say of jobs without tests. */
function jobWords(jobs: readonly Job[]): string {
  const words = Map.groupBy(jobs, (job) => job.verdict ?? job.state);
  return [...words].map(([word, each]) => `${each.length} ${word}`).join(', ');
}

function JobCell(properties: { job: Job | undefined }): JSX.Element {
  const { job } = properties;
  // Whatever was asked for has a run, and be it one that was skipped.
  if (job === undefined) {
    return (
      <span class="quiet" title="not asked for there">
        –
      </span>
    );
  }
  return (
    <a class="cell" href={`/runs/${job.run_id}`} title={job.reason ?? ''}>
      <Status word={job.verdict ?? job.state} /> {job.counts === null ? null : <CountsBar counts={job.counts} />}
      {job.partial ? <span class="odd"> ! in part</span> : null}
      {job.attempt > 1 ? <span class="quiet"> try {job.attempt}</span> : null}
    </a>
  );
}
