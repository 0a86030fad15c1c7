// Batches are cut by their size alone: into eight splits, as far as these are neither too small nor too large.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBytesFor } from '../../dist/source/split-size.js';

const MIB = 2 ** 20;

test('splits of a batch are an eighth of it, from 2 MiB to the configured size', () => {
  assert.equal(splitBytesFor(40 * MIB, 8 * MIB), 5 * MIB);
  assert.equal(splitBytesFor(40 * MIB + 1, 8 * MIB), 5 * MIB + 1);
  assert.equal(splitBytesFor(1000 * MIB, 8 * MIB), 8 * MIB);
  assert.equal(splitBytesFor(5 * MIB, 8 * MIB), 2 * MIB);
  assert.equal(splitBytesFor(0, 8 * MIB), 2 * MIB);
  assert.equal(splitBytesFor(5 * MIB, 1000), 1000, 'what is configured is never exceeded');
});
