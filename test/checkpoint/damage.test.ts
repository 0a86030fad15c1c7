// Damage is found: a bit at each byte, a cut at each length, files in each other's place. What can be mended is, and nothing is guessed.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { runCheckpointCommand } from '../../dist/cli/checkpoint.js';
import { addFile, type Batches, filesOf, type Place, runQuery, withPlace } from './profit-query.ts';

const CONF = { 'spark.sql.shuffle.partitions': 1, 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2 };

/** A checkpoint of some batches, and what they gave. */
async function prepared(use: (place: Place, batches: Batches) => Promise<void>): Promise<void> {
  await withPlace(async (place) => {
    const batches: Batches = new Map();
    for (let file = 0; file < 3; file += 1) {
      addFile(place, file);
      await runQuery(place, batches, { conf: CONF });
    }
    await use(place, batches);
  });
}

/** A file of each kind. */
function kinds(place: Place) {
  const files = filesOf(place);
  return [/^metadata$/, /^offsets\/1$/, /^commits\/1$/, /^sources\/0\/1$/, /_metadata\/metadata$/, /\.delta$/, /\.snapshot$/].map(
    (pattern) => {
      const file = files.find(({ name }) => pattern.test(name));
      assert.ok(file, String(pattern));
      return file;
    },
  );
}

function problemsOf(place: Place): string[] {
  return inspectCheckpoint(place.checkpoint).problems.map(({ path }) => path);
}

describe('every byte counts', () => {
  // Every place and length of both formats is tried beside their code in Rust; here it is the product that must notice.
  test('a flipped bit in any part of any kind of file, and a cut', async () => {
    await prepared(async (place) => {
      assert.deepEqual(problemsOf(place), []);
      let tried = 0;
      for (const { name, path, bytes } of kinds(place)) {
        for (let position = 0; position < bytes.length; position += 5) {
          const flipped = Buffer.from(bytes);
          flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8));
          writeFileSync(path, flipped);
          assert.ok(problemsOf(place).includes(name), `${name}: bit ${position % 8} of byte ${position}`);
          writeFileSync(path, bytes.subarray(0, position));
          assert.ok(problemsOf(place).includes(name), `${name}: cut at ${position}`);
          tried += 2;
        }
        writeFileSync(path, bytes);
      }
      assert.ok(tried > 500);
    });
  });

  test('a file in the place of another', async () => {
    await prepared(async (place) => {
      const deltas = filesOf(place)
        .map(({ name }) => name)
        .filter((name) => name.endsWith('.delta'));
      for (const [from = '', to = ''] of [['offsets/0', 'offsets/1'], ['commits/0', 'commits/1'], deltas.slice(-2)]) {
        const bytes = readFileSync(join(place.checkpoint, to));
        cpSync(join(place.checkpoint, from), join(place.checkpoint, to));
        assert.ok(problemsOf(place).includes(to));
        writeFileSync(join(place.checkpoint, to), bytes);
      }
    });
  });
});

describe('a start on a damaged checkpoint', () => {
  test('is refused with the file, or passes over what it does not need; rows are never wrong', async () => {
    await prepared(async (place) => {
      addFile(place, 3);
      const expected: Batches = new Map();
      const copy = { ...place, checkpoint: `${place.checkpoint}-copy` };
      cpSync(place.checkpoint, copy.checkpoint, { recursive: true });
      await runQuery(copy, expected, { conf: CONF });
      const outcomes = { refused: 0, right: 0 };
      for (const { name, bytes } of filesOf(place).filter(({ name }) => !name.startsWith('.'))) {
        rmSync(copy.checkpoint, { recursive: true });
        cpSync(place.checkpoint, copy.checkpoint, { recursive: true });
        const flipped = Buffer.from(bytes);
        const middle = bytes.length >> 1;
        flipped[middle] = (flipped[middle] ?? 0) ^ 1;
        writeFileSync(join(copy.checkpoint, name), flipped);
        const got: Batches = new Map();
        try {
          await runQuery(copy, got, { conf: CONF });
          assert.deepEqual(got, expected, name);
          outcomes.right += 1;
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'CHECKPOINT_CORRUPT', `${name}: ${error}`);
          assert.ok((error as Error).message.includes(name), `${name}: ${error}`);
          outcomes.refused += 1;
        }
      }
      assert.ok(outcomes.refused > 4 && outcomes.right > 0, JSON.stringify(outcomes));
    });
  });

  test('a hole between the logs is named', async () => {
    await prepared(async (place) => {
      const code = 'CHECKPOINT_INCOMPLETE';
      for (const { name, path } of filesOf(place)) {
        if (/^commits\/[1-9]/.test(name) || name === 'offsets/1') rmSync(path);
      }
      await assert.rejects(runQuery(place, new Map(), { conf: CONF }), { code, message: /offsets\/1/ });
    });
  });
});

describe('millrace checkpoint', () => {
  const run = async (action: 'inspect' | 'verify' | 'diff' | 'repair' | 'import-offsets', ...folders: string[]) => {
    let text = '';
    const exitCode = await runCheckpointCommand({ action, folders, json: false, dryRun: false }, (part) => {
      text += part;
    });
    return { text, exitCode };
  };

  test('inspect shows batches and state, verify finds damage, repair goes back and the query goes on', async () => {
    await prepared(async (place, batches) => {
      const newest = Math.max(...batches.keys());
      assert.match(
        (await run('inspect', place.checkpoint)).text,
        new RegExp(`newest batch committed +${newest}\n[^]*operator +name +shard +version +rows\n0 +stateStoreSave +0 `),
      );
      assert.equal((await run('verify', place.checkpoint)).exitCode, 0);
      writeFileSync(join(place.checkpoint, 'commits', String(newest)), 'v1\n{}');
      const verdict = await run('verify', place.checkpoint);
      assert.equal(verdict.exitCode, 1);
      assert.match(verdict.text, new RegExp(`commits/${newest}: it has no checksum`));
      await assert.rejects(runQuery(place, new Map(), { conf: CONF }), { code: 'CHECKPOINT_CORRUPT' });
      assert.match((await run('repair', place.checkpoint)).text, new RegExp(`back to batch ${newest - 1}[^]*removed commits/${newest}`));
      assert.equal((await run('verify', place.checkpoint)).exitCode, 0);
      const again: Batches = new Map();
      await runQuery(place, again, { conf: CONF });
      assert.equal(again.get(newest), batches.get(newest));
    });
  });

  test('import-offsets starts where a Spark query stopped', async () => {
    await withPlace(async (place) => {
      const batches: Batches = new Map();
      for (let file = 0; file < 3; file += 1) addFile(place, file);
      await runQuery(place, batches, { conf: CONF });
      // What Spark would have left: the same texts, without checksums.
      for (const { name, path, bytes } of filesOf(place)) {
        if (/^(offsets|commits|sources)/.test(name)) writeFileSync(path, bytes.toString().replace(/,"millrace":\{[^}]*\}/, ''));
      }
      const target = { ...place, checkpoint: `${place.checkpoint}-new` };
      await run('import-offsets', place.checkpoint, target.checkpoint);
      addFile(place, 3);
      const next: Batches = new Map();
      await runQuery(target, next);
      assert.equal(Math.min(...next.keys()), Math.max(...batches.keys()) + 1);
      assert.equal((await run('diff', place.checkpoint, target.checkpoint)).exitCode, 1);
    });
  });
});
