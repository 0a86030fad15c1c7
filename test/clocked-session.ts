// A session whose queries go by a clock that the test moves.
import { Session } from 'millrace';
import { StreamingQuery } from '../dist/api/streaming-query.js';
import type { Clock } from '../dist/engine/clock.js';
import { startStream } from '../dist/engine/stream-execution.js';

/** Makes the session. */
export function clockedSession(clock: Clock, conf: Readonly<Record<string, string | number | boolean>>): Session {
  const session = Session.create({ conf });
  session.streams.start = async (definition) => new StreamingQuery(await startStream(definition, clock), session);
  return session;
}
