import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { newNodeId } from '../testing/contract-suite.ts';
import { makePlace, NOBODY, remainsOf, tryDriver, whyNot } from './testing/place.ts';

/** Mounts of a host under names that mount programs give theirs: what they take for mounted already, they leave out. */
const HOST = `
set -e
mount -t tmpfs -o mode=1777 none /srv
for name in tmpfs none proc root groundcrew 'a #b'; do
  mkdir -m 1777 "/srv/$name"
  mount -t tmpfs -o mode=1777,nosuid,noexec "$name" "/srv/$name"
done
mount -t tmpfs tmpfs /var/tmp
echo hidden >/var/tmp/hidden
`;

const PLACES = ['', 'tmpfs', 'none', 'proc', 'root', 'groundcrew', 'a #b'].map((name) => `/srv/${name}`);

const LOOK = `
import { readdirSync, writeFileSync } from 'node:fs';
const write = (path) => { try { writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
const writes = ${JSON.stringify(PLACES)}.map((place) => write(place + '/new'));
console.log('SEEN ' + JSON.stringify({ writes, hidden: readdirSync('/var/tmp'), own: write('/var/tmp/new') }));
console.log('LEFT');
`;

for (const kind of ['bubblewrap', 'unshare']) {
  for (const who of ['root', 'nobody', 'nobody with subordinate ids'] as const) {
    it(`writes to no mount of the host, and sees none that is covered: ${kind}, server is ${who}`, async (context) => {
      const reason = whyNot(who);
      if (reason !== null) context.skip(`${kind} as ${who}: ${reason}`);
      const place = await makePlace(who === 'root' ? {} : { owner: NOBODY });
      try {
        writeFileSync(place.environment.agent_bundle, LOOK);
        const node_id = newNodeId();
        const { environment } = place;
        const task = { node_id, options: { isolation: kind }, node_options: {}, environment, crash_at: null };
        const { printed } = await tryDriver(who, { action: 'report', ...task }, HOST);
        const text = JSON.parse(/^PRINTED (.*)$/m.exec(printed)?.[1] ?? '""') as string;
        const seen: unknown = JSON.parse(/^SEEN (.*)$/m.exec(text)?.[1] ?? `{"instead":${JSON.stringify(printed)}}`);
        expect(seen).toEqual({ writes: PLACES.map(() => 'EROFS'), hidden: [], own: 'written' });
        expect(remainsOf(place, node_id)).toEqual([]);
      } finally {
        await place.close();
      }
    });
  }
}
