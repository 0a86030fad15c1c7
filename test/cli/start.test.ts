// What a start has to read: one file of millrace, and no Kafka client where no topic is read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

test('each module of the library is a view of one file', () => {
  for (const path of ['index.js', 'api/data-frame.js', 'engine/micro-batch.js', 'native/load.js', 'source/kafka/kafka-source.js']) {
    const [, from = ''] = /from '(?:\.\.?\/)+([\w.]+)';/.exec(readFileSync(`${dist}${path}`, 'utf8')) ?? [];
    assert.equal(from, 'millrace.js', path);
  }
});

test('a program that reads no topic loads no Kafka client, and its modules are the same by every path', () => {
  const program = `
    import { Session } from ${JSON.stringify(`${dist}index.js`)};
    import { Session as again } from ${JSON.stringify(`${dist}api/session.js`)};
    import { createRequire } from 'node:module';
    const rows = await Session.create().range(3).collect();
    const loaded = Object.keys(createRequire(${JSON.stringify(dist)}).cache).filter((path) => /kafkajs|piscina/.test(path));
    console.log(JSON.stringify([rows.length, loaded, Session === again]));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), [3, [], true]);
});
