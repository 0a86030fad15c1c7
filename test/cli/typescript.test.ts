// `millrace run` runs TypeScript without a build step on every supported Node, whatever kind of package the program stands in.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NODE_VERSIONS, nodeFolder } from '../packaging/node-versions.ts';
import { ProgramFolder } from './program.ts';

const PROGRAM = `import { parseArgs } from 'node:util';
import { twice } from 'lib';
import { shout, type Word } from './shout.ts';

const { values } = parseArgs({ options: { kafka: { type: 'string' } } });
const word: Word = { text: String(values.kafka) };
await Promise.resolve();
console.log(shout(word), twice(21), process.argv.length);
if ((values.kafka as string) === 'boom') throw new Error('boom');
`;

const SHOUT = `export interface Word { readonly text: string }
export function shout(word: Word): string { return word.text.toUpperCase(); }
`;

for (const version of NODE_VERSIONS) {
  describe(`Node ${version}`, () => {
    const folder = new ProgramFolder();
    let node: string;

    before(() => {
      node = join(nodeFolder(version), 'node');
      folder.write({
        'node_modules/lib/package.json': '{ "name": "lib", "type": "module", "exports": "./index.ts" }',
        'node_modules/lib/index.ts': 'export const twice = (x: number): number => x * 2;\n',
        'none/main.ts': PROGRAM,
        'none/shout.ts': SHOUT,
        'esm/package.json': '{ "type": "module" }',
        'esm/main.ts': PROGRAM,
        'esm/shout.ts': SHOUT,
        'cjs/package.json': '{ "type": "commonjs" }',
        'cjs/main.ts': PROGRAM,
        'cjs/shout.ts': SHOUT,
        'cjs/old.ts': `const { join }: { join: Function } = require('node:path');\nconsole.log(join('a', 'b'), require('./older.cts').five);\n`,
        'cjs/older.cts': 'exports.five = (5 as number);\n',
        'plain.js': 'console.log(process.argv.slice(2).join());\n',
        'enum.ts': `const a: number = 1;\nenum Color { Red }\nconsole.log(a, Color.Red);\n`,
        'own.ts': `import { Session } from 'millrace';\nconsole.log(typeof Session.create);\n`,
      });
    });
    after(() => folder.remove());

    for (const kind of ['none', 'esm', 'cjs']) {
      test(`a module in a package of type ${kind}, with and without --`, async () => {
        const expected = { stdout: 'H:P 42 4\n', stderr: '', exitCode: 0 };
        assert.deepEqual(await folder.run(['run', `${kind}/main.ts`, '--', '--kafka', 'h:p'], { node }), expected);
        assert.deepEqual(await folder.run(['run', `${kind}/main.ts`, '--kafka', 'h:p'], { node }), expected);
      });

      test(`lines and columns of an error stay true (${kind})`, async () => {
        const { stderr, exitCode } = await folder.run(['run', `${kind}/main.ts`, '--kafka', 'boom'], { node });
        assert.match(stderr, /Error: boom\n\s+at .*main\.ts:9:48/);
        assert.equal(exitCode, 1);
      });
    }

    test('CommonJS in TypeScript', async () => {
      assert.deepEqual(await folder.run(['run', 'cjs/old.ts'], { node }), { stdout: 'a/b 5\n', stderr: '', exitCode: 0 });
    });

    test('plain JavaScript; only the first -- is ours', async () => {
      const { stdout } = await folder.run(['run', 'plain.js', '--', 'a', '--', 'b'], { node });
      assert.equal(stdout, 'a,--,b\n');
    });

    test('syntax that cannot be stripped is named with its place', async () => {
      const { stderr, exitCode } = await folder.run(['run', 'enum.ts'], { node });
      assert.match(stderr, /enum is not supported in strip-only mode.*enum\.ts:2/s);
      assert.equal(exitCode, 1);
    });

    test('a program outside any installation finds this one', async () => {
      assert.deepEqual(await folder.run(['run', 'own.ts'], { node }), { stdout: 'function\n', stderr: '', exitCode: 0 });
    });
  });
}
