// JSON with whole numbers of any size: what JSON.parse rounds stays exact, and everything else is as JSON.parse has it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exactJson, parseExactJson } from '../../dist/source/exact-json.js';

describe('exact JSON', () => {
  it('has bigints beyond 2^53 alone', () => {
    assert.deepEqual(parseExactJson('[9007199254740991, 9007199254740993, -9007199254740993,1000000000000000]'), [
      9007199254740991,
      9007199254740993n,
      -9007199254740993n,
      1000000000000000,
    ]);
  });

  it('leaves texts, fractions and exponents as they are', () => {
    const text = '{"9007199254740993":"a \\"9007199254740993\\" b","f":9007199254740993.5,"e":9007199254740993e2,"n":9007199254740993}';
    const value = parseExactJson(text) as Record<string, unknown>;
    assert.deepEqual(value, { ...JSON.parse(text), n: 9007199254740993n });
    assert.equal(
      exactJson({ t: '12345678901234567890', n: 12345678901234567890n }),
      '{"t":"12345678901234567890","n":12345678901234567890}',
    );
  });

  it('refuses what is no JSON, long numbers or not', () => {
    for (const text of ['{9007199254740993:1}', '01234567890123456789', '--1234567890123456', '+1234567890123456', '{"a":1234567890123456'])
      assert.throws(() => parseExactJson(text), SyntaxError, text);
  });
});
