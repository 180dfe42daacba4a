import type { Group } from '../group.ts';
import { leftUntil } from '../text/time.ts';

/** `groundcrew enter`: a one-use link to the dashboard. The link alone is the answer, so that scripts can open it. */
export function addEnter(all: Group): void {
  all.add<[], object>({
    usage: 'enter',
    description: 'Print a one-use link that signs a browser in to the dashboard',
    example: 'groundcrew enter',
    async work(context) {
      const link = await context.client().call('createEnterLink');
      if (context.json) return context.sayJson(link);
      context.say(link.url);
      context.note(`It signs in once, within ${leftUntil(link.expires_at, context.clock)}.`);
    },
  });
}
