import type { JSX } from 'preact';
import { formatSize } from '../../../../src/base/units.ts';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { api } from '../../api.ts';
import type { Column } from '../../parts/table/column.ts';
import { Table } from '../../parts/table/table.tsx';

/** So many files are listed without being asked. */
const LISTED = 12;

type Artifact = RunDetail['artifacts'][number];

/** A file that is both a result and an artifact is kept twice, and shown once. */
interface File {
  artifact: Artifact;
  kinds: string;
}

function filesOf(artifacts: readonly Artifact[]): File[] {
  const same = Map.groupBy(artifacts, ({ path, sha256 }) => `${sha256} ${path}`);
  return [...same.values()].map((copies) => ({
    artifact: copies[0] as Artifact,
    kinds: copies.map(({ kind }) => kind).join(', '),
  }));
}

function columnsOf(id: string): readonly Column<File>[] {
  return [
    {
      key: 'file',
      head: 'File',
      width_px: 180,
      names_row: true,
      card: 'title',
      look: 'break',
      cell: ({ artifact }) => (
        <a download href={api.address('getArtifact', { path: { id, artifact: artifact.id } })}>
          {artifact.path}
        </a>
      ),
    },
    { key: 'kind', head: 'kind', width_px: 120, card: 'half', cell: ({ kinds }) => kinds },
    {
      key: 'size',
      head: 'size',
      width_px: 90,
      align: 'right',
      card: 'half',
      cell: ({ artifact }) => formatSize(artifact.size),
    },
    {
      key: 'sha256',
      head: 'SHA-256',
      width_px: 120,
      gives_way: 1,
      look: 'mono quiet',
      title: ({ artifact }) => artifact.sha256,
      cell: ({ artifact }) => artifact.sha256.slice(0, 12),
    },
  ];
}

/** What the run left, to be downloaded. */
export function RunFiles(properties: { detail: RunDetail }): JSX.Element | null {
  const { artifacts, run } = properties.detail;
  if (artifacts.length === 0) return null;
  const files = filesOf(artifacts);
  return (
    <section aria-labelledby="files-title">
      <details open={files.length <= LISTED}>
        <summary>
          <h2 id="files-title">
            Files <span class="quiet">{files.length}</span>
          </h2>
        </summary>
        <Table
          columns={columnsOf(String(run.id))}
          rows={files}
          keyOf={({ artifact }) => artifact.id}
          as_content
          stops={false}
        />
      </details>
    </section>
  );
}
