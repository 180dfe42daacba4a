import { Option } from 'commander';
import type { Operations } from '../../protocol/client.generated.ts';
import type { Group } from '../group.ts';
import { numberOf, parseDuration } from '../text/arguments.ts';
import { sayList } from '../text/list.ts';
import type { Cell } from '../text/table.ts';
import { ageOf, coarse, leftUntil } from '../text/time.ts';

type Role = Operations['createToken']['body']['role'];

/** What each may do. */
const ROLES: Readonly<Record<Role, string>> = {
  viewer: 'looks',
  submitter: 'hands in work',
  operator: 'handles nodes',
  admin: 'does everything',
};

interface CreateFlags {
  role: Role;
  expires?: number;
}

/** `groundcrew token create|list|revoke`. */
export function addTokenCommands(token: Group): void {
  addCreate(token);
  addList(token);
  token.add<[id: string], object>({
    usage: 'revoke <id>',
    description: 'Make a token worthless at once',
    example: 'groundcrew token revoke 3',
    async work(context, _flags, id) {
      const answer = await context.client().call('revokeToken', { path: { id: numberOf('token', id, 'token list') } });
      if (context.json) return context.sayJson(answer);
      context.say(`✓ token ${id} is revoked`);
    },
  });
}

/** The secret alone is the answer, so that `TOKEN=$(groundcrew token create …)` works. */
function addCreate(token: Group): void {
  token.add<[name: string], CreateFlags>({
    usage: 'create <name>',
    description: 'Make a token for a person or a program; it is shown this once',
    example: 'groundcrew token create ci --role submitter --expires 90d',
    notes: `Roles: ${Object.entries(ROLES)
      .map((role) => role.join(' '))
      .join(', ')}.`,
    flags(command) {
      command.addOption(
        new Option('--role <role>', 'what it may do').choices(Object.keys(ROLES)).makeOptionMandatory(),
      );
      command.option('--expires <duration>', 'how long it lasts, such as 90d (for ever)', parseDuration);
    },
    async work(context, { role, expires }, name) {
      const body = { name, role, ...(expires === undefined ? {} : { expires_in_ms: expires }) };
      const answer = await context.client().call('createToken', { body });
      if (context.json) return context.sayJson(answer);
      const lasts = expires === undefined ? 'It lasts until it is revoked' : `It lasts ${coarse(expires)}`;
      context.note(`Token ${answer.token.id}, ${role}, shown this once. ${lasts}.`);
      context.say(answer.secret);
    },
  });
}

function addList(token: Group): void {
  token.add<[], object>({
    usage: 'list',
    description: 'Tokens, without their secrets',
    example: 'groundcrew token list',
    async work(context) {
      const answer = await context.client().call('listTokens');
      const { clock, paint } = context;
      const state = (row: (typeof answer)['items'][number]): Cell => {
        const { good, quiet } = paint;
        if (row.revoked_at !== null) return { text: `− revoked ${ageOf(row.revoked_at, clock)} ago`, paint: quiet };
        if (row.expires_at === null) return { text: '✓ until revoked', paint: good };
        if (Date.parse(row.expires_at) <= clock.now_ms()) return { text: '− expired', paint: quiet };
        return { text: `✓ ${leftUntil(row.expires_at, clock)} left`, paint: good };
      };
      sayList(
        context,
        answer,
        [
          { title: 'Token', right: true },
          { title: 'name', least: 10 },
          { title: 'role' },
          { title: 'made' },
          { title: 'valid' },
        ],
        (row) => [String(row.id), row.name, row.role, `${ageOf(row.created_at, clock)} ago`, state(row)],
        'There are no tokens. Make one with: groundcrew token create NAME --role ROLE',
      );
    },
  });
}
