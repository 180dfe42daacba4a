import type { Group } from '../group.ts';
import { plainText } from '../text/plain.ts';

/** `groundcrew whoami`: who the server takes the caller for. */
export function addWhoami(all: Group): void {
  all.add<[], object>({
    usage: 'whoami',
    description: 'Who the token belongs to, and which server answers',
    example: 'groundcrew whoami',
    async work(context) {
      const client = context.client();
      const who = await client.call('whoAmI');
      if (context.json) return context.sayJson(who);
      context.say(plainText(`${who.name}, with the role ${who.role}, at ${client.url}`));
      context.say(plainText(`Groundcrew ${who.version}, deployment ${who.deployment_id}`));
    },
  });
}
