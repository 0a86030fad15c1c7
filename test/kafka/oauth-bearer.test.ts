// Tokens of SASL/OAUTHBEARER: from an endpoint, a file, or made for tests; one for all connections until it grows old.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readClientSettings } from '../../dist/source/kafka/client-settings.js';
import { bearerTokens } from '../../dist/source/kafka/oauth-bearer.js';

const settingsOf = (values: Record<string, string>) =>
  readClientSettings(
    new Map(
      Object.entries({ 'bootstrap.servers': 'localhost:1', 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'OAUTHBEARER', ...values }),
    ),
  );

test('an endpoint is asked once for credentials, and again when four fifths of the token are over', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      asked.push(`${Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')} ${body}`);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: `t${asked.length}`, expires_in: 100 }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
    let nowMs = 1_000_000;
    const settings = { endpoint, clientId: 'me', clientSecret: 'secret', scope: 'kafka', extensions: {}, timeoutMs: 5000 };
    const tokens = bearerTokens(settings, () => nowMs);
    assert.deepEqual(await tokens(), { value: 't1' });
    nowMs += 79_999;
    assert.deepEqual(await tokens(), { value: 't1' });
    nowMs += 1;
    assert.deepEqual(await tokens(), { value: 't2' });
    assert.deepEqual(asked, Array(2).fill('me:secret grant_type=client_credentials&scope=kafka'));
  } finally {
    server.close();
  }
});

test('a refusal of the endpoint is tried again, and its answer is never shown', async () => {
  const server = createServer((_request, response) => response.writeHead(401).end('{"secret":"x"}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
    const tokens = bearerTokens({ endpoint, extensions: {}, timeoutMs: 5000 });
    for (const _try of [1, 2]) {
      await assert.rejects(tokens(), (error: Error) => /answers 401/.test(error.message) && !error.message.includes('secret'));
    }
  } finally {
    server.close();
  }
});

test("Java's settings name the token: a file, or none but a subject for tests", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-token-'));
  try {
    const path = join(folder, 'token');
    writeFileSync(path, 'abc.def.ghi\n');
    const { sasl } = settingsOf({ 'sasl.oauthbearer.token.endpoint.url': pathToFileURL(path).href });
    assert.ok(sasl !== null && 'oauthBearerProvider' in sasl);
    assert.equal((await sasl.oauthBearerProvider()).value, 'abc.def.ghi');
  } finally {
    rmSync(folder, { recursive: true });
  }
  const jaas = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="alice";';
  const { sasl } = settingsOf({ 'sasl.jaas.config': jaas });
  assert.ok(sasl !== null && 'oauthBearerProvider' in sasl);
  const [head = '', claims = '', signature] = (await sasl.oauthBearerProvider()).value.split('.');
  assert.deepEqual(JSON.parse(String(Buffer.from(head, 'base64url'))), { alg: 'none' });
  assert.equal(JSON.parse(String(Buffer.from(claims, 'base64url'))).sub, 'alice');
  assert.equal(signature, '');
});

test('what is missing or wrong is refused by its name', () => {
  assert.throws(() => settingsOf({}), /sasl\.oauthbearer\.token\.endpoint\.url/);
  assert.throws(() => settingsOf({ 'sasl.oauthbearer.token.endpoint.url': 'ftp://x' }), { code: 'OPTION_INVALID' });
  assert.throws(() => settingsOf({ 'sasl.oauthbearer.token.endpoint.url': 'https://x/token' }), /clientId/);
});
