import { Command } from 'commander';
import { runDemo } from '../demo/demo.ts';

/** `groundcrew demo`: the whole flow on this machine. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Show the whole flow on this machine: a fleet, two builds, what changed, a held node')
    .option('--once', 'end after the summary; status 0 only when everything is as described', false)
    .option('--data <directory>', 'where the demo keeps its data', '.groundcrew')
    .option('--port <number>', 'port to listen on', Number, 7420)
    .action(async (flags: { once: boolean; data: string; port: number }) => await runDemo(flags));
}
