import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { newNodeId } from '../testing/contract-calls.ts';
import {
  makePlace,
  NEEDS_OF_ISOLATION,
  NEEDS_OF_USER,
  NOBODY,
  REAL_ISOLATIONS,
  remainsOf,
  tryDriver,
} from './testing/place.ts';

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

for (const kind of REAL_ISOLATIONS) {
  for (const who of ['root', 'nobody', 'nobody with subordinate ids'] as const) {
    const wanted = needs(...NEEDS_OF_ISOLATION[kind], ...NEEDS_OF_USER[who], 'mounts');
    it(`writes to no mount of the host, and sees none that is covered: ${kind}, server is ${who}`, wanted, async () => {
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

const LINKS = `
set -e
mount -t tmpfs -o mode=755 srv /srv
mkdir /srv/place
ln -s /run /srv/run
ln -s . /srv/here
ln -s /srv/place /srv/there
ln -s / /srv/root
ln -s loop /srv/loop
`;

for (const kind of REAL_ISOLATIONS) {
  const wanted = needs(...NEEDS_OF_ISOLATION[kind], 'root', 'mounts');
  it(
    `mounts behind a link of the host where the node sees it, and makes nothing on the host: ${kind}`,
    wanted,
    async () => {
      const place = await makePlace();
      try {
        const node_id = newNodeId();
        const source = join(place.environment.data_directory, '..', 'tools');
        mkdirSync(source);
        writeFileSync(join(source, 'tool'), 'a tool');
        const report = async (targets: readonly string[]): Promise<string> => {
          const text = targets.map((target) => `console.log(readFileSync('${target}/tool', 'utf8'));`).join('\n');
          const agent = `import { readFileSync } from 'node:fs';\n${text}\nconsole.log('LEFT');\n`;
          writeFileSync(place.environment.agent_bundle, agent);
          const node_options = { mounts: targets.map((target) => ({ source, target })) };
          const { environment } = place;
          const task = { node_id, options: { isolation: kind }, node_options, environment, crash_at: null };
          return (await tryDriver('root', { action: 'report', ...task }, LINKS)).printed;
        };
        const printed = await report([`/srv/here/here/run/${node_id}/deep`, '/srv/there']);
        expect(printed).toBe('PRINTED "a tool\\na tool\\nLEFT\\n"\n');
        expect(existsSync(`/run/${node_id}`)).toBe(false);
        for (const target of ['/srv/root', '/srv/loop/deep']) {
          expect(await report([target])).toContain(`nothing can be mounted at ${target}: follow its links.`);
        }
      } finally {
        await place.close();
      }
    },
  );
}
