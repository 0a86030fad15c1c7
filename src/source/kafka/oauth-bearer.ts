// SASL/OAUTHBEARER: where a connection's token comes from, by the Java client's settings, and how long it is used.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A token as kafkajs takes it. */
export interface BearerToken {
  readonly value: string;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** What names a token: `sasl.oauthbearer.*` and the entries of `sasl.jaas.config`. */
export interface OAuthBearerSettings {
  /** An `https:` URL that gives tokens for credentials, or a `file:` URL of one; absent: the token is made here, unsigned, for tests. */
  readonly endpoint?: URL;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scope?: string;
  /** The `sub` of an unsigned token. */
  readonly subject?: string;
  readonly extensions: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** As in Java, a token is renewed when this part of its life is over. */
const RENEWAL_SHARE = 0.8;
/** The life of a token that does not say how long it lives, and of unsigned ones. */
const LIFETIME_MS = 3_600_000;

/** Gives tokens: one for all connections, until it grows old. Rejects with what the endpoint answers. */
export function bearerTokens(settings: OAuthBearerSettings, nowMs: () => number = Date.now): () => Promise<BearerToken> {
  let current: Promise<{ readonly token: BearerToken; readonly renewMs: number }> | null = null;
  return async () => {
    const known = await current?.catch(() => null);
    if (known === undefined || known === null || nowMs() >= known.renewMs) current = newToken(settings, nowMs());
    return (await (current as NonNullable<typeof current>)).token;
  };
}

async function newToken(settings: OAuthBearerSettings, nowMs: number): Promise<{ token: BearerToken; renewMs: number }> {
  const { value, lifetimeMs } = await retrieve(settings, nowMs);
  const { extensions } = settings;
  const token = Object.keys(extensions).length === 0 ? { value } : { value, extensions };
  return { token, renewMs: nowMs + lifetimeMs * RENEWAL_SHARE };
}

async function retrieve(settings: OAuthBearerSettings, nowMs: number): Promise<{ value: string; lifetimeMs: number }> {
  const { endpoint } = settings;
  if (endpoint === undefined) return { value: unsignedToken(settings.subject ?? '', nowMs), lifetimeMs: LIFETIME_MS };
  if (endpoint.protocol === 'file:') {
    const value = (await readFile(fileURLToPath(endpoint), 'utf8')).trim();
    return { value, lifetimeMs: lifetimeOf(value, nowMs) };
  }
  return fromEndpoint(endpoint, settings, nowMs);
}

/** The grant `client_credentials` of OAuth 2. */
async function fromEndpoint(
  endpoint: URL,
  { clientId = '', clientSecret = '', scope, timeoutMs }: OAuthBearerSettings,
  nowMs: number,
): Promise<{ value: string; lifetimeMs: number }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const response = await fetch(endpoint, { method: 'POST', body, headers: { authorization }, signal: AbortSignal.timeout(timeoutMs) });
  // Never the body: it may hold a token.
  if (!response.ok) throw new Error(`the token endpoint ${endpoint.origin}${endpoint.pathname} answers ${response.status}`);
  const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown };
  if (typeof answer.access_token !== 'string') throw new Error('the answer of the token endpoint has no access_token');
  const value = answer.access_token;
  const seconds = Number(answer.expires_in);
  return { value, lifetimeMs: seconds > 0 ? seconds * 1000 : lifetimeOf(value, nowMs) };
}

/** What a token says of its own end. */
function lifetimeOf(token: string, nowMs: number): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? Math.max(0, exp * 1000 - nowMs) : LIFETIME_MS;
  } catch {
    // An opaque token: whoever made it knows.
    return LIFETIME_MS;
  }
}

/** A token that nobody signed, as Java's client makes where no endpoint is named. Brokers take it only when they are set up for tests. */
function unsignedToken(subject: string, nowMs: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(nowMs / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: seconds, exp: seconds + LIFETIME_MS / 1000 })}.`;
}
