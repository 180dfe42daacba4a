import type { JSX } from 'preact';
import { formatSize } from '../../../../src/base/units.ts';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { api } from '../../api.ts';

/** So many files are listed without being asked. */
const LISTED = 12;

type Artifact = RunDetail['artifacts'][number];

/** A file that is both a result and an artifact is kept twice, and shown once. */
function filesOf(artifacts: readonly Artifact[]): { artifact: Artifact; kinds: string }[] {
  const same = Map.groupBy(artifacts, ({ path, sha256 }) => `${sha256} ${path}`);
  return [...same.values()].map((copies) => ({
    artifact: copies[0] as Artifact,
    kinds: copies.map(({ kind }) => kind).join(', '),
  }));
}

/** What the run left, to be downloaded. */
export function RunFiles(properties: { detail: RunDetail }): JSX.Element | null {
  const { artifacts, run } = properties.detail;
  if (artifacts.length === 0) return null;
  const id = String(run.id);
  const files = filesOf(artifacts);
  const rows = files.map(({ artifact, kinds }) => (
    <tr key={artifact.id}>
      <th scope="row" class="break">
        <a download href={api.address('getArtifact', { path: { id, artifact: artifact.id } })}>
          {artifact.path}
        </a>
      </th>
      <td>{kinds}</td>
      <td class="number">{formatSize(artifact.size)}</td>
      <td class="mono quiet tight" title={artifact.sha256}>
        {artifact.sha256.slice(0, 12)}
      </td>
    </tr>
  ));
  return (
    <section aria-labelledby="files-title">
      <details open={files.length <= LISTED}>
        <summary>
          <h2 id="files-title">
            Files <span class="quiet">{files.length}</span>
          </h2>
        </summary>
        <div class="wide">
          <table class="narrow">
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col">kind</th>
                <th scope="col" class="number">
                  size
                </th>
                <th scope="col">SHA-256</th>
              </tr>
            </thead>
            <tbody>{rows}</tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
