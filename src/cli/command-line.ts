// What `millrace …` was asked to do.
import { CHECKPOINT_ACTIONS, type CheckpointRequest, folderCount } from './checkpoint.js';
import type { StateRequest } from './state-rows.js';

export type Command =
  | { readonly kind: 'run'; readonly file: string; readonly programArguments: readonly string[] }
  | { readonly kind: 'checkpoint'; readonly request: CheckpointRequest }
  | { readonly kind: 'state'; readonly request: StateRequest }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'unclear'; readonly problem: string };

export const HELP = `millrace: Structured Streaming for Node.js

Usage:
  millrace run FILE [--] [ARGUMENTS...]   run a TypeScript or JavaScript program; what follows FILE is the program's
  millrace checkpoint inspect DIR         what a checkpoint holds: batches, watermark, offsets, rows of state by operator and shard
  millrace checkpoint state DIR           rows of state; --NAME=VALUE are options of the source statestore, such as --operatorId=1 --joinSide=left
  millrace checkpoint verify DIR          checks every byte; exits with 1 where one is not as it was written
  millrace checkpoint diff DIR OTHER      what differs between two checkpoints
  millrace checkpoint repair DIR          goes back to the newest batch that is whole; --dry-run only says what would go
  millrace checkpoint import-offsets SPARK_DIR DIR
                                          a new checkpoint that starts where a Spark query stopped, without its state
  millrace --help                         print this text
  millrace --version                      print the version

checkpoint answers as JSON with --json.

Ctrl-C (SIGINT) and SIGTERM let the running batch end, stop every query and exit with 0; the second one exits with 130 at once.
`;

/** `words` is what follows the command's own name. */
export function parseCommandLine(words: readonly string[]): Command {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') return { kind: 'help' };
  if (first === '--version' || first === '-v') return { kind: 'version' };
  if (first === 'checkpoint') return parseCheckpoint(rest);
  if (first !== 'run') return { kind: 'unclear', problem: `there is no command ${first}` };
  return parseRun(rest);
}

function parseRun(words: readonly string[]): Command {
  // `--` before FILE ends our options; the first one behind FILE only separates. Later ones are the program's.
  const start = words[0] === '--' ? 1 : 0;
  const file = words[start];
  if (start === 0 && (file === '--help' || file === '-h')) return { kind: 'help' };
  if (file === undefined) return { kind: 'unclear', problem: 'run needs a FILE' };
  if (start === 0 && file.startsWith('-')) return { kind: 'unclear', problem: `run has no option ${file}` };
  const rest = words.slice(start + 1);
  return { kind: 'run', file, programArguments: rest[0] === '--' ? rest.slice(1) : rest };
}

function parseCheckpoint(words: readonly string[]): Command {
  const [name, ...rest] = words.filter((word) => !word.startsWith('-'));
  const options = words.filter((word) => word.startsWith('-'));
  if (options.includes('--help') || options.includes('-h')) return { kind: 'help' };
  if (name === 'state') return parseState(rest, options);
  const action = CHECKPOINT_ACTIONS.find((known) => known === name);
  if (action === undefined) return { kind: 'unclear', problem: `checkpoint needs one of ${CHECKPOINT_ACTIONS.join(', ')}, state` };
  const unknown = options.find((option) => option !== '--json' && !(option === '--dry-run' && action === 'repair'));
  if (unknown !== undefined) return { kind: 'unclear', problem: `checkpoint ${action} has no option ${unknown}` };
  if (rest.length !== folderCount(action)) {
    return { kind: 'unclear', problem: `checkpoint ${action} needs ${folderCount(action) === 1 ? 'a DIR' : 'two directories'}` };
  }
  const request = { action, folders: rest, json: options.includes('--json'), dryRun: options.includes('--dry-run') };
  return { kind: 'checkpoint', request };
}

function parseState(folders: readonly string[], words: readonly string[]): Command {
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0) return { kind: 'unclear', problem: 'checkpoint state needs a DIR' };
  const options: Record<string, string> = {};
  for (const word of words.filter((word) => word !== '--json')) {
    const [, name, value] = /^--([^=]+)=(.*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined) return { kind: 'unclear', problem: `checkpoint state has no option ${word}` };
    options[name] = value;
  }
  return { kind: 'state', request: { folder, options, json: words.includes('--json') } };
}
