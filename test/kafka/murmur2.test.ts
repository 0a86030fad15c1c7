// The hash of keys is Java's: what Kafka's own tests say, and what kafkajs computes, wherever the bytes lie.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { murmur2 } from '../../dist/sink/kafka/murmur2.js';

const kafkajsMurmur2 = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2.js') as (key: Buffer) => number;

test('hashes are those of Java', () => {
  const known = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536, 'a-little-bit-longer-string': -1486304829 };
  for (const [text, hash] of Object.entries(known)) assert.equal(murmur2(Buffer.from(text), 0, text.length), hash, text);
});

test('and those of kafkajs, at any place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(9), (key, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 7), key, Buffer.alloc(3, 9)]);
      assert.equal(murmur2(bytes, before, before + key.length), kafkajsMurmur2(Buffer.from(key)));
    }),
  );
});
