// Values of columns where they are made in a quick way: times from words, texts that were made before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StringVector, TimestampVector } from '../../dist/result/column-vector.js';

const allPresent = (length: number) => ({ length, nullCount: 0, validity: null });

test('a time is its millisecond, rounded down, however early or late', () => {
  const edges = [
    0n,
    1n,
    999n,
    1000n,
    1001n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    253402300799999999n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
  ];
  const near = edges.flatMap((micros) => [micros, -micros, micros - 1n, -micros - 1n]);
  // The greatest times whose quotient a double can't tell from the next millisecond.
  const close = Array.from({ length: 2000 }, (_, index) => (8_900_000_000_000n + BigInt(index) * 37n) * 1000n + 999n);
  const values = BigInt64Array.from([...near, ...close, ...close.map((micros) => -micros)]);
  const times = new TimestampVector(allPresent(values.length), values);
  for (const [index, micros] of values.entries()) {
    const millis = (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
    assert.equal((times.get(index) as Date).getTime(), new Date(Number(millis)).getTime(), `${micros}`);
  }
});

/** A column of these texts. */
function columnOf(texts: readonly string[]): StringVector {
  const bytes = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  for (const [index, { length }] of bytes.entries()) offsets[index + 1] = (offsets[index] as number) + length;
  return new StringVector(allPresent(texts.length), new Uint8Array(Buffer.concat(bytes)), offsets);
}

test('texts are the column’s own, whether they come once or often, in any order of reading', () => {
  const kinds = ['', 'a', 'acct-0001', 'grüße', '日本', '\u0000', 'x'.repeat(32), 'x'.repeat(33), '😀'];
  const often = Array.from({ length: 20_000 }, (_, index) => `${kinds[index % kinds.length]}${index % 700}`);
  const once = Array.from({ length: 20_000 }, (_, index) => `key ${index * 7919}`);
  // Both of each pair have the same hash: 31 * 'A' + 'a' is 31 * 'B' + 'B'.
  const alike = Array.from({ length: 5000 }, (_, index) => ['Aa', 'BB', 'AaAa', 'AaBB', 'BBAa', 'BBBB'][index % 6] as string);
  for (const texts of [often, once, alike, [...once, ...often], ['one'], [], ['', '']]) {
    const column = columnOf(texts);
    assert.deepEqual(column.toArray(), texts);
    for (let index = texts.length - 1; index >= 0; index -= 7) assert.equal(column.get(index), texts[index]);
  }
});
