// The `millrace` command: its own words, how it reports errors, and how Ctrl-C ends a program.
import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ProgramFolder, root } from './program.ts';

const folder = new ProgramFolder();
after(() => folder.remove());

const built = (module: string) => JSON.stringify(pathToFileURL(`${root}dist/${module}`).href);

/** A query that takes its time to stop; it ends the program's wait. */
const SLOW_QUERY = `
import { registerQuery, unregisterQuery } from ${built('engine/active-queries.js')};
let finish: () => void = () => {};
const over = new Promise<void>((resolve) => { finish = resolve; });
const alive = setInterval(() => {}, 1_000);
const query: any = {
  name: null,
  async stop() {
    console.log('stopping');
    for (let i = 0; i < Number(process.argv[2]); i++) await new Promise((resolve) => setTimeout(resolve, 500));
    console.log('stopped');
    unregisterQuery(query);
    clearInterval(alive);
    finish();
  },
};
registerQuery(query);
console.log('running');
`;

test('the build leaves a command that can be started as it is', () => {
  accessSync(`${root}dist/cli/millrace.js`, constants.X_OK);
});

describe('words', () => {
  test('--version prints the version', async () => {
    const { stdout, exitCode } = await folder.run(['--version']);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal(exitCode, 0);
  });

  test('--help, and nothing at all, print the usage', async () => {
    for (const words of [[], ['--help'], ['run', '--help']]) {
      const { stdout, exitCode } = await folder.run(words);
      assert.match(stdout, /millrace run FILE/);
      assert.equal(exitCode, 0);
    }
  });

  test('what is no command, and a run without a file, is said', async () => {
    assert.deepEqual(await folder.run(['fly']), {
      stdout: '',
      stderr: 'millrace: there is no command fly; see millrace --help\n',
      exitCode: 2,
    });
    assert.deepEqual(await folder.run(['run']), { stdout: '', stderr: 'millrace: run needs a FILE; see millrace --help\n', exitCode: 2 });
  });

  test('a file that is not there is named', async () => {
    const { stderr, exitCode } = await folder.run(['run', 'nowhere.ts']);
    assert.match(stderr, /^millrace: there is no file .*nowhere\.ts\n$/);
    assert.equal(exitCode, 1);
  });
});

describe('errors', () => {
  test('a MillraceError shows code, advice and context, then where', async () => {
    folder.write({
      'fail.ts': `import { MillraceError } from ${built('error/millrace-error.js')};
throw new MillraceError('PATH_NOT_FOUND', { parameters: { path: '/x' }, context: { path: '/x', line: 3 }, cause: new Error('why') });
`,
    });
    const { stderr, exitCode } = await folder.run(['run', 'fail.ts']);
    assert.match(
      stderr,
      /^MillraceError \[PATH_NOT_FOUND\] Path does not exist: \/x\.\n {2}advice: Check the path .*\n {2}context: path=\/x, line=3\n {4}at .*fail\.ts:2:7\n(.*\n)*caused by Error: why/,
    );
    assert.equal(exitCode, 1);
  });

  test('a rejection that nobody handles ends the program too', async () => {
    folder.write({ 'reject.ts': `void Promise.reject(new TypeError('lost'));\nsetInterval(() => {}, 1_000);\n` });
    const { stderr, exitCode } = await folder.run(['run', 'reject.ts']);
    assert.match(stderr, /^TypeError: lost/);
    assert.equal(exitCode, 1);
  });
});

describe('signals', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} stops the queries, lets the program finish, and exits with 0`, async () => {
      folder.write({ 'slow.ts': `${SLOW_QUERY}await over;\nconsole.log('goodbye');\n` });
      const outcome = await folder.run(['run', 'slow.ts', '1'], {
        onOutput: (text, kill) => {
          if (text.endsWith('running\n')) kill(signal);
        },
      });
      assert.deepEqual(outcome, { stdout: 'running\nstopping\nstopped\ngoodbye\n', stderr: '', exitCode: 0 });
    });
  }

  test('a program that waits for ever after its queries have stopped still ends with 0', async () => {
    folder.write({ 'stuck.ts': `${SLOW_QUERY}await new Promise(() => {});\n` });
    const outcome = await folder.run(['run', 'stuck.ts', '0'], {
      onOutput: (text, kill) => {
        if (text.endsWith('running\n')) kill('SIGINT');
      },
    });
    assert.deepEqual(outcome, { stdout: 'running\nstopping\nstopped\n', stderr: '', exitCode: 0 });
  });

  test('the echo of a Ctrl-C, as npx sends it, is not the second one', async () => {
    const outcome = await folder.run(['run', 'slow.ts', '1'], {
      onOutput: (text, kill) => {
        if (text.endsWith('running\n') || text.endsWith('stopping\n')) kill('SIGINT');
      },
    });
    assert.equal(outcome.exitCode, 0);
  });

  test('the second Ctrl-C does not wait', async () => {
    folder.write({
      'endless.ts': SLOW_QUERY.replace(
        "console.log('stopping');",
        "setTimeout(() => console.log('again'), 600);\n    console.log('stopping');",
      ),
    });
    const outcome = await folder.run(['run', 'endless.ts', '1000'], {
      onOutput: (text, kill) => {
        if (text.endsWith('running\n') || text.endsWith('again\n')) kill('SIGINT');
      },
    });
    assert.deepEqual(outcome, { stdout: 'running\nstopping\nagain\n', stderr: '', exitCode: 130 });
  });

  test('without a query Ctrl-C ends the program as it ends any', async () => {
    folder.write({ 'idle.ts': `setInterval(() => {}, 1_000);\nconsole.log('idle');\n` });
    const outcome = await folder.run(['run', 'idle.ts'], { onOutput: (_, kill) => kill('SIGINT') });
    assert.equal(outcome.exitCode, 130);
  });
});
