// What `millrace …` was asked to do.

export type Command =
  | { readonly kind: 'run'; readonly file: string; readonly programArguments: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'unclear'; readonly problem: string };

export const HELP = `millrace: Structured Streaming for Node.js

Usage:
  millrace run FILE [--] [ARGUMENTS...]   run a TypeScript or JavaScript program; what follows FILE is the program's
  millrace --help                         print this text
  millrace --version                      print the version

Ctrl-C (SIGINT) and SIGTERM let the running batch end, stop every query and exit with 0; the second one exits with 130 at once.
`;

/** `words` is what follows the command's own name. */
export function parseCommandLine(words: readonly string[]): Command {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') return { kind: 'help' };
  if (first === '--version' || first === '-v') return { kind: 'version' };
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
