// Ctrl-C: the running batches end, the queries stop, the program gets to finish, exit code 0. The second Ctrl-C does not wait.
import { activeQueryCount, stopAllQueries } from '../engine/active-queries.js';
import { describeError } from './report-error.js';

/** What the program does after its queries have stopped may not hang the terminal. */
const FAREWELL_MS = 5_000;

/** npx hands on a Ctrl-C that the terminal has given to us already: a second one this soon is the same one. */
const ECHO_MS = 400;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/** `program` settles when the program's main module is through. */
export function stopOnSignals(program: Promise<unknown>): void {
  let firstAt: number | null = null;
  const onSignal = (signal: StopSignal): void => {
    if (firstAt !== null) {
      if (performance.now() - firstAt > ECHO_MS) process.exit(EXIT_CODES.SIGINT);
      return;
    }
    firstAt = performance.now();
    // Nothing is in flight, so there is nothing to finish: behave like any other program.
    if (activeQueryCount() === 0) process.exit(EXIT_CODES[signal]);
    void stop(program);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

async function stop(program: Promise<unknown>): Promise<void> {
  try {
    await stopAllQueries();
    // A program that waits for what can no longer come leaves nothing to run, or runs on; either way it is over.
    process.once('beforeExit', () => process.exit(0));
    await Promise.race([program, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())]);
  } catch (error) {
    process.stderr.write(describeError(error));
    process.exit(1);
  }
  process.exit(0);
}
