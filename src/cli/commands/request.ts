import type { Operations } from '../../protocol/client.generated.ts';
import { REQUEST_STATES } from '../../requests/state.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { parseWords } from '../text/arguments.ts';
import { addPageFlags, type PageFlags, sayList } from '../text/list.ts';
import { plainText } from '../text/plain.ts';
import { durationText, momentText } from '../text/time.ts';
import { padTo, widthOf, wrap } from '../text/width.ts';

type Explanation = Operations['explainRequest']['answer'];

/** `groundcrew request list|show|explain`. */
export function addRequestCommands(request: Group): void {
  addList(request);
  request.add<[id: string], object>({
    usage: 'show <request>',
    description: 'One request, and why it waits',
    example: 'groundcrew request show r-2041',
    async work(context, _flags, id) {
      const answer = await context.client().call('getRequest', { path: { id } });
      if (context.json) return context.sayJson(answer);
      const { request: row, explanation } = answer;
      sayExplanation(context, explanation);
      context.say();
      const facts: [string, string][] = [
        ['state', row.reason === null ? row.state : `${row.state}: ${row.reason}`],
        ['wants', row.expressions.join(', ')],
        ['made', `${momentText(row.created_at)} by ${row.requester}`],
        ...(row.run_id === null ? [] : ([['run', String(row.run_id)]] as [string, string][])),
        ...(row.node_ids.length === 0 ? [] : ([['nodes', row.node_ids.join(', ')]] as [string, string][])),
      ];
      for (const [name, value] of facts) context.say(`  ${name.padEnd(7)}${plainText(value)}`);
    },
  });
  request.add<[id: string], object>({
    usage: 'explain <request>',
    description: 'Why a request waits, provider by provider, or how it ended',
    example: 'groundcrew request explain r-2041',
    async work(context, _flags, id) {
      const explanation = await context.client().call('explainRequest', { path: { id } });
      if (context.json) return context.sayJson(explanation);
      sayExplanation(context, explanation);
    },
  });
}

function addList(request: Group): void {
  request.add<[], PageFlags & { state?: string }>({
    usage: 'list',
    description: 'Requests, newest first',
    example: 'groundcrew request list --state waiting',
    flags(command) {
      command.option('--state <states>', `only these: ${REQUEST_STATES.join(', ')}`, parseWords(REQUEST_STATES));
      addPageFlags(command);
    },
    async work(context, { state, limit, cursor }) {
      const answer = await context.client().call('listRequests', { query: { state, limit, cursor } });
      sayList(
        context,
        answer,
        [
          { title: 'Request' },
          { title: 'state' },
          { title: 'wants', least: 16, cut: 'middle' },
          { title: 'waited', right: true },
          { title: 'run', right: true },
          { title: 'nodes', least: 10 },
        ],
        (row) => [
          row.id,
          row.state,
          row.expressions.join(', '),
          durationText(row.waited_ms),
          row.run_id === null ? '–' : String(row.run_id),
          row.node_ids.join(' '),
        ],
        state === undefined
          ? 'There are no requests yet. A job makes them: groundcrew job submit job.yaml'
          : `No request is ${state}. All of them: groundcrew request list`,
      );
    },
  });
}

/** The sentence, a line a provider, what the planner decided, and when it will be over. */
export function sayExplanation(context: Context, { sentence, decision, lines, expected }: Explanation): void {
  context.sayAll(wrap(plainText(sentence), context.width));
  const width = Math.max(0, ...lines.map(({ subject }) => widthOf(subject)));
  for (const { subject, text } of lines) {
    const line = `  ${padTo(plainText(subject), width)}  ${plainText(text)}`;
    context.sayAll(wrap(line, context.width, ' '.repeat(width + 4)));
  }
  if (decision !== null && !sentence.includes(decision.sentence)) {
    context.sayAll(wrap(plainText(decision.sentence), context.width));
  }
  if (expected !== null) context.sayAll(wrap(plainText(expected), context.width));
}
