import type { JSX } from 'preact';
import { formatSize } from '../../../../src/base/units.ts';
import type { RunDetail } from '../../../../src/protocol/api/runs.ts';
import { api } from '../../api.ts';

/** So many files are listed without being asked. */
const LISTED = 12;

/** What the run left, to be downloaded. */
export function RunFiles(properties: { detail: RunDetail }): JSX.Element | null {
  const { artifacts, run } = properties.detail;
  if (artifacts.length === 0) return null;
  const id = String(run.id);
  const rows = artifacts.map((artifact) => (
    <tr key={artifact.id}>
      <th scope="row" class="break">
        <a download href={api.address('getArtifact', { path: { id, artifact: artifact.id } })}>
          {artifact.path}
        </a>
      </th>
      <td>{artifact.kind}</td>
      <td class="number">{formatSize(artifact.size)}</td>
      <td class="mono quiet tight" title={artifact.sha256}>
        {artifact.sha256.slice(0, 12)}
      </td>
    </tr>
  ));
  return (
    <section aria-labelledby="files-title">
      <details open={artifacts.length <= LISTED}>
        <summary>
          <h2 id="files-title">
            Files <span class="quiet">{artifacts.length}</span>
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
