// Files that are gone: a start goes on with the right rows or says which one it misses, and `millrace checkpoint verify` has said so before.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { type CheckpointAction, runCheckpointCommand } from '../../dist/cli/checkpoint.js';
import { addFile, type Batches, filesOf, type Place, runQuery, withPlace } from './profit-query.ts';

/** More than ten, so that the source's log has a compacted entry. */
const FILES = 12;
const CONF = {
  'spark.sql.shuffle.partitions': 1,
  'spark.sql.streaming.stateStore.minDeltasForSnapshot': 4,
  'spark.sql.streaming.minBatchesToRetain': 6,
};

/** How many batches were logged behind the newest commit. */
for (const logged of [0, 2]) {
  test(`any file of a checkpoint, ${logged} batches behind its newest commit`, async () => {
    await withPlace(async (place) => {
      for (let file = 0; file < FILES; file += 1) addFile(place, file);
      await runQuery(place, new Map(), { conf: CONF });
      const commits = filesOf(place)
        .filter(({ name }) => name.startsWith('commits/'))
        .sort((left, right) => batchOf(right.name) - batchOf(left.name));
      for (const { path } of commits.slice(0, logged)) rmSync(path);
      // Without its newest commit a batch runs again, and without its offsets one that was not committed never was.
      const needless = [commits[logged]?.name, logged > 0 ? commits[0]?.name.replace('commits', 'offsets') : undefined];
      addFile(place, FILES);
      const copy = { ...place, checkpoint: `${place.checkpoint}-copy` };
      const expected = await outcomeWithout(place, copy, []);
      const refused: string[] = [];
      for (const { name } of filesOf(place)) {
        if (needless.includes(name)) continue;
        const entry = name.replace('.compact', '');
        try {
          assert.deepEqual(await outcomeWithout(place, copy, [name]), expected, name);
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          assert.match(String(code), /^CHECKPOINT_(INCOMPLETE|CORRUPT)$/, `${name}: ${error}`);
          assert.ok(message.includes(entry), message);
          refused.push(name);
        }
        rmSync(copy.checkpoint, { recursive: true });
        cpSync(place.checkpoint, copy.checkpoint, { recursive: true });
        rmSync(join(copy.checkpoint, name));
        const { problems } = inspectCheckpoint(copy.checkpoint);
        if (refused.includes(name)) assert.deepEqual([...new Set(problems.map(({ path }) => path.replace('.compact', '')))], [entry]);
      }
      for (const pattern of [/^metadata$/, /^offsets/, /^sources\/0\/9\.compact$/, /^sources\/0\/11$/, /_metadata/]) {
        assert.ok(
          refused.some((name) => pattern.test(name)),
          `${pattern}: ${refused}`,
        );
      }
    });
  });
}

/** What a start gives on a copy of a checkpoint in which some files are missing. */
async function outcomeWithout(place: Place, copy: Place, names: readonly string[]): Promise<Batches> {
  rmSync(copy.checkpoint, { recursive: true, force: true });
  cpSync(place.checkpoint, copy.checkpoint, { recursive: true });
  for (const name of names) rmSync(join(copy.checkpoint, name));
  const batches: Batches = new Map();
  await runQuery(copy, batches, { conf: CONF });
  return batches;
}

function batchOf(name: string): number {
  return Number(name.split('/')[1]);
}

const run = async (action: CheckpointAction, ...folders: string[]) => {
  let text = '';
  const exitCode = await runCheckpointCommand({ action, folders, json: true, dryRun: false }, (part) => {
    text += part;
  });
  return { document: JSON.parse(text), exitCode };
};

test('where there is no checkpoint the commands say so, and make none', async () => {
  await withPlace(async ({ input, checkpoint }) => {
    for (const folder of [input, checkpoint]) {
      for (const action of ['inspect', 'verify', 'repair'] as const) {
        await assert.rejects(run(action, folder), { code: 'CHECKPOINT_NOT_FOUND', message: new RegExp(folder) });
      }
      await assert.rejects(run('diff', folder, folder), { code: 'CHECKPOINT_NOT_FOUND' });
      await assert.rejects(run('import-offsets', folder, `${folder}-new`), { code: 'CHECKPOINT_NOT_FOUND' });
    }
    assert.deepEqual(readdirSync(join(input, '..')), ['in']);
    mkdirSync(checkpoint);
    writeFileSync(join(checkpoint, 'notes.txt'), 'nothing of a query');
    await assert.rejects(run('verify', checkpoint), { code: 'CHECKPOINT_NOT_FOUND' });
  });
});

test('a checkpoint of Spark is told from a damaged one; a location may be a URL', async () => {
  await withPlace(async (place) => {
    addFile(place, 0);
    await runQuery(place, new Map(), { conf: CONF });
    const url = pathToFileURL(place.checkpoint).href;
    assert.equal((await run('verify', url)).exitCode, 0);
    for (const { name, path } of filesOf(place)) {
      if (!name.startsWith('.') && !name.startsWith('state/')) {
        writeFileSync(path, readFileSync(path, 'utf8').replace(/,?"millrace":\{[^}]*\}/, ''));
      }
    }
    const { document, exitCode } = await run('verify', url);
    assert.equal(exitCode, 1);
    assert.match(document.problems[0].problem, /it has no checksum .*Spark.*import-offsets/);
    assert.ok((await run('import-offsets', url, `${url}-new`)).document.batchId >= 0);
    assert.equal((await run('verify', `${place.checkpoint}-new`)).exitCode, 0);
  });
});
