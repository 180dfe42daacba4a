import { Command, CommanderError } from 'commander';
import { addBuildCommands } from './commands/build.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfigCheck } from './commands/config-check.ts';
import { addDemo } from './commands/demo.ts';
import { addEnter } from './commands/enter.ts';
import { addExport } from './commands/export.ts';
import { addFleetCommands } from './commands/fleet.ts';
import { addHoldList } from './commands/hold-list.ts';
import { addImport } from './commands/import.ts';
import { addJobCommands } from './commands/job.ts';
import { addNodeCommands } from './commands/node.ts';
import { addProjectList } from './commands/project-list.ts';
import { addQueueCommands } from './commands/queue.ts';
import { addRequestCommands } from './commands/request.ts';
import { addRunCommands } from './commands/run.ts';
import { addServer } from './commands/server.ts';
import { addTestCommands } from './commands/test.ts';
import { addTokenCommands } from './commands/token.ts';
import { addWhoami } from './commands/whoami.ts';
import type { GlobalFlags } from './context.ts';
import { EXIT, STATUS_MEANINGS } from './exit-status.ts';
import { Group } from './group.ts';
import { processSurroundings, type Surroundings } from './surroundings.ts';
import { tellError } from './tell-error.ts';
import { parsePath } from './text/arguments.ts';
import { wrap } from './text/width.ts';
import { endWhenUnread } from './unread.ts';
import { VERSION } from './version.ts';

/** Every command. `end` is called with the exit status of the one that ran. */
export function createProgram(home: Surroundings, end: (status: number) => void = () => undefined): Command {
  const program = new Command('groundcrew')
    .description('A fleet of disposable test machines, the work that runs on them, and its results.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'say how a command is used')
    .helpCommand('help [command]', 'say how a command is used')
    .option('--server <url>', 'the server to ask (GROUNDCREW_SERVER, or the one started here)')
    .option('--token <token>', 'who asks; better in GROUNDCREW_TOKEN, where no list of processes shows it')
    .option(
      '--data <directory>',
      'the data directory of the server here (GROUNDCREW_DATA, server.data of groundcrew.yaml, or .groundcrew)',
      parsePath,
    )
    .option('--json', "print the API's answer as JSON; streams as one line an event")
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', 'say which requests are made, and the whole story of an error')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help says how it is used)')
    .configureOutput({
      writeOut: (text) => void home.stdout.write(text),
      writeErr: (text) => void home.stderr.write(text),
      getOutHelpWidth: () => (home.stdout.isTTY ? (home.stdout.columns ?? 80) : 100),
      getErrHelpWidth: () => (home.stderr.isTTY ? (home.stderr.columns ?? 80) : 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', STATUSES);
  const all = new Group(program, home, end);
  addServer(all);
  addDemo(all);
  addJobCommands(all.group('job', 'Hand in work, and take it back'));
  addRunCommands(all.group('run', 'What was executed, its log and its tests'));
  addBuildCommands(all.group('build', 'What is tested, and what changed'));
  addTestCommands(all.group('test', 'One test over time'));
  addProjectList(all.group('project', 'What builds belong to'));
  addFleetCommands(all.group('fleet', 'How the fleet is; what an admin agrees to'));
  addNodeCommands(all.group('node', 'The machines of the fleet: look at them, keep them, enter them'));
  addHoldList(all.group('hold', 'Nodes that are kept for people'));
  addRequestCommands(all.group('request', 'Who waits for nodes, and why'));
  addQueueCommands(all.group('queue', 'What is still to be fetched, read and passed on'));
  addEnter(all);
  addWhoami(all);
  addTokenCommands(all.group('token', 'Who may ask the server'));
  addConfigCheck(all.group('config', 'The configuration file'));
  addExport(all);
  addImport(all);
  addCompletion(all);
  return program;
}

const STATUSES = `
${wrap(`Exit status: ${STATUS_MEANINGS.map(({ status, short }) => `${status} ${short}`).join(', ')}.`, 80, '  ').join('\n')}

Example:
  groundcrew job submit job.yaml --wait`;

/** Runs one command line; answers the exit status. */
export async function runProgram(
  words: readonly string[],
  home: Surroundings = processSurroundings(),
): Promise<number> {
  let status: number = EXIT.fine;
  endWhenUnread(home);
  const program = createProgram(home, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    const { json = false, verbose = false } = program.opts<GlobalFlags>();
    return tellError(error, home.stderr, { json, verbose, environment: home.environment });
  }
}
