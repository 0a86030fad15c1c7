// The TypeScript of the guide's pages compiles and runs: each section of a page is one program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Below the package, so that its name can be imported. */
const folder = join(root, 'target', 'guide-examples');

/** Where programs run: what they read lies there. */
const data = join(folder, 'data');

const FILES: Readonly<Record<string, string>> = {
  'trades/1.json': '{"ts":"2026-01-01T00:01:00Z","id":"a","amount":3}\n{"ts":"2026-01-01T00:30:00Z","id":"b","amount":4}\n',
  'in/2026-01.csv': 'id,n,day\na,1,2026-01-01\n',
};

interface Program {
  readonly name: string;
  readonly path: string;
}

/** Writes the blocks of each section into a file. */
function writePrograms(): Program[] {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(data, name)), { recursive: true });
    writeFileSync(join(data, name), text);
  }
  const pages = readdirSync(join(root, 'docs/guide')).filter((name) => name.endsWith('.md'));
  return pages.flatMap((page) => {
    const sections = readFileSync(join(root, 'docs/guide', page), 'utf8').split(/^## /m);
    return sections.flatMap((section, index) => {
      const blocks = [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block);
      if (blocks.length === 0) return [];
      const [title = ''] = section.split('\n');
      const path = join(folder, `${page.replace('.md', '')}-${index}.ts`);
      writeFileSync(path, `import assert from 'node:assert/strict';\n${blocks.join('\n')}\nvoid assert;\n`);
      return [{ name: `${page}: ${title}`, path }];
    });
  });
}

describe("the guide's examples", () => {
  const programs = writePrograms();

  test('are there', () => assert.ok(programs.length >= 6));

  test('compile', () => {
    const options = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { rootDir: root, noEmit: true, declaration: false, sourceMap: false },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, include: ['*.ts'] }));
    const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  for (const { name, path } of programs) {
    test(`run: ${name}`, () => {
      const register = join(root, 'dist/cli/register.js');
      const { status, stderr } = spawnSync(process.execPath, ['--import', register, path], {
        cwd: data,
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(status, 0, stderr);
    });
  }
});
