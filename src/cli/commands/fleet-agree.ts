import type { Group } from '../group.ts';
import { sayList } from '../text/list.ts';
import { ageOf } from '../text/time.ts';

/** `groundcrew fleet agree`: the way on after an import. */
export function addFleetAgree(fleet: Group): void {
  fleet.add<[], object>({
    usage: 'agree',
    description: 'Let a deployment that only observes launch and delete machines; for admins',
    example: 'groundcrew fleet agree',
    notes:
      'A copy that was made by an import touches no machine until then. From then on it works beside the\n' +
      'original, with machines of its own: those of the original are left alone for ever, and what waits\n' +
      'in the copy runs, also where the original runs it too. When the original is gone for good and its\n' +
      'nodes are to go on, import with --take-over instead.',
    async work(context) {
      const { observing } = await context.client().call('getDeployment');
      const answer = await context.client().call('agreeDeployment');
      if (context.json) return context.sayJson(answer);
      context.say(
        observing ? '✓ it launches and deletes machines from now on' : '✓ it did not only observe: nothing changed',
      );
    },
  });
}

/** `groundcrew fleet sweep`: what has leaked, and the way on after the sweep's fuse. */
export function addFleetSweep(fleet: Group): void {
  fleet.add<[provider: string], { agree?: boolean }>({
    usage: 'sweep <provider>',
    description: 'Machines of ours that no node accounts for; --agree lets them be destroyed',
    example: 'groundcrew fleet sweep rax --agree',
    notes:
      'A few of them are destroyed without being asked about, a minute after they were first seen. When\n' +
      'they are more than a tenth of all, nothing is: then this may be the wrong database. --agree is for\n' +
      'admins, and means those that are listed, no others.',
    flags(command) {
      command.option('--agree', 'destroy those that are listed, however many they are');
    },
    async work(context, { agree = false }, provider) {
      const client = context.client();
      const leaks = await client.call('listLeaks', { path: { provider } });
      const external_ids = leaks.items.filter((leak) => leak.agreed_by === null).map((leak) => leak.external_id);
      if (!agree || external_ids.length === 0) {
        sayList(
          context,
          leaks,
          COLUMNS,
          (row) => [
            row.external_id,
            row.kind,
            row.node_id ?? '–',
            ageOf(row.first_seen_at, context.clock),
            row.agreed_by ?? '–',
            row.reason,
          ],
          `Nothing has leaked at ${provider}.`,
        );
        if (!context.json && external_ids.length > 0) {
          context.note(`Once they are known to be nobody's: groundcrew fleet sweep ${provider} --agree`);
        }
        return;
      }
      const answer = await client.call('agreeLeaks', { path: { provider }, body: { external_ids } });
      if (context.json) return context.sayJson(answer);
      const count = answer.agreed.length;
      context.say(
        `✓ ${count} leaked machine${count === 1 ? '' : 's'} of ${provider} will be destroyed, a minute after being first seen`,
      );
    },
  });
}

const COLUMNS = [
  { title: 'Machine', least: 12, cut: 'middle' },
  { title: 'kind' },
  { title: 'node' },
  { title: 'seen for', right: true },
  { title: 'agreed by', least: 9, cut: 'end' },
  { title: 'why', least: 16, optional: true },
] as const;
