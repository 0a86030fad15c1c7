// What the addon throws, as the rest of millrace sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../dist/error/millrace-error.js';
import { fromNativeError } from '../../dist/native/native-error.js';
import { platformName } from '../../dist/native/platform.js';

const thrown = (message: string, code = 'GenericFailure') => Object.assign(new Error(message), { code });

test('an error document becomes its MillraceError', () => {
  const document = {
    code: 'CAST_INVALID_INPUT',
    message: "The value 'x' is malformed.",
    parameters: { expression: "'x'" },
    context: { topic: 't', partition: 0, offset: '7' },
  };
  const error = fromNativeError('mapSplit', thrown(JSON.stringify(document)));
  assert.ok(error instanceof MillraceError);
  assert.equal(error.code, 'CAST_INVALID_INPUT');
  assert.equal(error.domain, 'user');
  assert.match(error.message, /^\[CAST_INVALID_INPUT\] The value 'x' is malformed\. /);
  assert.deepEqual({ ...error.parameters }, document.parameters);
  assert.deepEqual({ ...error.context }, document.context);
});

test('a caught panic names the function it came from', () => {
  const error = fromNativeError('reduceShards', thrown('index out of bounds'));
  assert.equal(error.code, 'NATIVE_PANIC');
  assert.match(error.message, /panicked in reduceShards: index out of bounds/);
});

test('an argument that the addon refuses is a bug of ours, not a panic', () => {
  const error = fromNativeError('closeQuery', thrown('Failed to convert napi value', 'NumberExpected'));
  assert.equal(error.code, 'INTERNAL_ERROR');
  assert.match(error.message, /closeQuery: Failed to convert/);
});

test('a code that this version does not know is kept in the message', () => {
  const error = fromNativeError('analyze', thrown(JSON.stringify({ code: 'FROM_THE_FUTURE', message: 'm' })));
  assert.equal(error.code, 'INTERNAL_ERROR');
  assert.match(error.message, /FROM_THE_FUTURE: m/);
});

test('text that merely looks like a document is a panic', () => {
  assert.equal(fromNativeError('explain', thrown('{ not json')).code, 'NATIVE_PANIC');
});

test('the platform has the name of its package', () => {
  assert.match(platformName(), /^(linux-(x64|arm64)-(gnu|musl)|darwin-(x64|arm64)|win32-x64-msvc)$/);
});
