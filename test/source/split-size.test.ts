// Batches are cut by their size alone: into eight splits, as far as these are neither too small nor too large, and never into very many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBytesFor } from '../../dist/source/split-size.js';

const MIB = 2 ** 20;

test('splits of a batch are an eighth of it, from 2 to 16 MiB, and not smaller than a 64th', () => {
  assert.equal(splitBytesFor(40 * MIB, 64 * MIB), 5 * MIB);
  assert.equal(splitBytesFor(40 * MIB + 1, 64 * MIB), 5 * MIB + 1);
  assert.equal(splitBytesFor(500 * MIB, 64 * MIB), 16 * MIB);
  assert.equal(splitBytesFor(2560 * MIB, 64 * MIB), 40 * MIB);
  assert.equal(splitBytesFor(2560 * MIB + 1, 64 * MIB), 40 * MIB + 1);
  assert.equal(splitBytesFor(100_000 * MIB, 64 * MIB), 64 * MIB);
  assert.equal(splitBytesFor(5 * MIB, 64 * MIB), 2 * MIB);
  assert.equal(splitBytesFor(0, 64 * MIB), 2 * MIB);
});

test('splits of packed columns are as many rows', () => {
  assert.equal(splitBytesFor(100 * MIB, 16 * MIB, 4), 4 * MIB);
  assert.equal(splitBytesFor(512 * MIB, 16 * MIB, 4), 8 * MIB);
});

test('what is configured is never exceeded', () => {
  assert.equal(splitBytesFor(5 * MIB, 1000), 1000);
  assert.equal(splitBytesFor(5000 * MIB, 3 * MIB), 3 * MIB);
});
