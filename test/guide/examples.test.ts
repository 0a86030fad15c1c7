// The TypeScript of the guide's pages compiles and runs: each section of a page is one program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Below the package, so that its name can be imported. */
const folder = join(root, 'target', 'guide-examples');

interface Program {
  readonly name: string;
  readonly path: string;
}

/** Writes the blocks of each section into a file. */
function writePrograms(): Program[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
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
        cwd: root,
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(status, 0, stderr);
    });
  }
});
