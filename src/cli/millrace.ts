#!/usr/bin/env node
// The `millrace` command.
import { readFileSync } from 'node:fs';
import { reasonOf } from '../error/reason-of.js';
import { runCheckpointCommand } from './checkpoint.js';
import { HELP, parseCommandLine } from './command-line.js';
import { runProgram, whyNotRunnable } from './run.js';

const command = parseCommandLine(process.argv.slice(2));
switch (command.kind) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'version':
    process.stdout.write(`${readVersion()}\n`);
    break;
  case 'unclear':
    refuse(`${command.problem}; see millrace --help`, 2);
    break;
  case 'checkpoint':
    try {
      process.exitCode = await runCheckpointCommand(command.request, (text) => process.stdout.write(text));
    } catch (error) {
      refuse(reasonOf(error), 1);
    }
    break;
  case 'state':
    try {
      // The session is there for those who need it: other commands start without.
      const { printState } = await import('./state-rows.js');
      await printState(command.request, (text) => process.stdout.write(text));
    } catch (error) {
      refuse(reasonOf(error), 1);
    }
    break;
  case 'run': {
    const problem = whyNotRunnable(command.file);
    if (problem === null) await runProgram(command.file, command.programArguments);
    else refuse(problem, 1);
  }
}

function refuse(problem: string, exitCode: number): void {
  process.stderr.write(`millrace: ${problem}\n`);
  process.exitCode = exitCode;
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
