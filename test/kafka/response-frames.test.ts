// Responses cut out of a broker's byte stream: whatever the pieces it comes in, fetches land in shared memory and the rest goes on as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUFFER_BYTES_MAX } from '../../dist/source/kafka/partition-buffer.js';
import { type Received, ReceiveMemory } from '../../dist/source/kafka/receive-memory.js';
import { type FetchResponses, ResponseFrames, takeResponse } from '../../dist/source/kafka/response-frames.js';
import { runOptions } from '../property/run-options.ts';

interface Response {
  readonly isFetch: boolean;
  readonly body: Uint8Array;
}

const responses = fc.array(fc.record({ isFetch: fc.boolean(), body: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 12 });

function frameOf(correlationId: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt32BE(body.length + 4, 0);
  header.writeInt32BE(correlationId, 4);
  return Buffer.concat([header, body]);
}

/** Feeds a stream in pieces of these lengths, each read into where the frames ask for it, as a socket does. */
function feed(frames: ResponseFrames, stream: Buffer, lengths: readonly number[]): void {
  let at = 0;
  for (let turn = 0; at < stream.length; turn += 1) {
    const { target } = frames;
    const length = Math.min(lengths[turn % lengths.length] ?? 1, target.length, stream.length - at);
    target.set(stream.subarray(at, at + length));
    frames.push(target.subarray(0, length));
    at += length;
  }
}

test('any stream in any pieces', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(responses, lengths, (sent: Response[], pieces) => {
      const fetched: FetchResponses = new Map();
      const passed: Buffer[] = [];
      const frames = new ResponseFrames(new ReceiveMemory(), fetched, (bytes) => passed.push(bytes));
      sent.forEach(({ isFetch }, number) => void (isFetch && frames.expect(number)));
      feed(frames, Buffer.concat(sent.map(({ body }, number) => frameOf(number, body))), pieces);
      const standIn = (number: number) => Buffer.of(0, 0, 0, number);
      const expected = sent.map(({ isFetch, body }, number) => frameOf(number, isFetch ? standIn(number) : body));
      assert.deepEqual(Buffer.concat(passed), Buffer.concat(expected));
      sent.forEach(({ isFetch, body }, number) => {
        if (isFetch) assert.deepEqual(new Uint8Array(takeResponse(fetched, standIn(number)).bytes), body);
      });
      assert.equal(fetched.size, 0);
    }),
    runOptions(500),
  );
});

test('what the older SASL handshake exchanges is shorter than a number', () => {
  const passed: Buffer[] = [];
  const frames = new ResponseFrames(new ReceiveMemory(), new Map(), (bytes) => passed.push(bytes));
  const stream = Buffer.concat([Buffer.of(0, 0, 0, 0), Buffer.of(0, 0, 0, 2, 7, 8), frameOf(5, Buffer.of(9))]);
  feed(frames, stream, [3]);
  assert.deepEqual(Buffer.concat(passed), stream);
});

test('a length below zero is refused', () => {
  const frames = new ResponseFrames(new ReceiveMemory(), new Map(), () => {});
  assert.throws(() => frames.push(Buffer.of(255, 255, 255, 255)), RangeError);
});

test('memory that somebody holds is nobody else’s', () => {
  const step = fc.record({ length: fc.integer({ min: 0, max: 20 * 2 ** 20 }), released: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = new ReceiveMemory(24 * 2 ** 20);
      const held: Received[] = [];
      for (const { length, released } of steps) {
        const received = memory.take(length);
        assert.equal(received.bytes.length, length);
        for (const other of held) assert.ok(!overlap(received.bytes, other.bytes));
        held.push(received);
        if (released % 3 === 0) continue;
        for (const old of held.splice(released % held.length, 1)) old.release();
      }
    }),
    runOptions(100),
  );
});

test('memory that nobody holds is used again', () => {
  const block = 8 * 2 ** 20;
  const memory = new ReceiveMemory();
  const first = memory.take(block);
  const { buffer } = first.bytes;
  first.hold();
  first.release();
  assert.notEqual(memory.take(block).bytes.buffer, buffer);
  first.release();
  assert.equal(memory.take(block).bytes.buffer, buffer);
});

test('as much memory as three batches need is used again, and what was long not needed is let go', () => {
  const block = 8 * 2 ** 20;
  const memory = new ReceiveMemory();
  const takeAll = (count: number) => {
    const taken = Array.from({ length: count }, () => memory.take(block));
    const buffers = taken.map(({ bytes }) => bytes.buffer);
    for (const received of taken) received.release();
    return buffers;
  };
  const inUse = (3 * BUFFER_BYTES_MAX) / block;
  const first = new Set(takeAll(inUse));
  assert.ok(takeAll(inUse).every((buffer) => first.has(buffer)));
  for (let take = 0; take < 200; take += 1) memory.take(block).release();
  assert.ok(takeAll(inUse).filter((buffer) => first.has(buffer)).length <= 2);
});

function overlap(left: Buffer, right: Buffer): boolean {
  if (left.buffer !== right.buffer) return false;
  return left.byteOffset < right.byteOffset + right.length && right.byteOffset < left.byteOffset + left.length;
}
