// One vector of a single call: what PySpark's method says to its arguments, said by ours.
import { type Column, col, MemoryStream, Session, schema, sum, window } from 'millrace';
import { compareError } from './batch-comparison.ts';
import { NotExpressible, toDataFrame } from './query-tree.ts';

type Json = any;
type Call = (session: Session) => unknown;

const trades = (session: Session) =>
  new MemoryStream(session, schema({ eventtime: 'timestamp', id: 'string', profit: 'int' })).toDF() as Json;
const grouped = (...durations: unknown[]) => {
  const windowOf = window as (...parts: unknown[]) => Column;
  return (session: Session) =>
    trades(session)
      .groupBy(windowOf('eventtime', ...durations))
      .agg(sum('profit'));
};
const writer = (session: Session) => trades(session).writeStream;
const profit = (session: Session) => trades(session).groupBy('id').agg(sum('profit'));
const started = async (of: Json) => (await of.start()).stop();

/** The calls that the vectors name, as a TypeScript program writes them. */
const CALLS: Readonly<Record<string, Call>> = {
  "groupBy(window('eventtime', '5 minute', col('id')))": grouped('5 minute', col('id')),
  "groupBy(window(col('eventtime'), '5 minute', 'id'))": grouped('5 minute', 'id'),
  "groupBy(window('eventtime'))": grouped(),
  "groupBy(window('eventtime', 5))": grouped(5),
  "groupBy(window('eventtime', '5 minute', None, '1 minute'))": grouped('5 minute', null, '1 minute'),
  "trigger(processingTime='-1 seconds')": (session) =>
    started(
      writer(session)
        .foreachBatch(() => {})
        .trigger({ processingTime: '-1 seconds' }),
    ),
  "trigger(processingTime='soon')": (session) =>
    started(
      writer(session)
        .foreachBatch(() => {})
        .trigger({ processingTime: 'soon' }),
    ),
  'trigger()': (session) => writer(session).trigger({}),
  "trigger(processingTime='5 seconds', once=True)": (session) => writer(session).trigger({ processingTime: '5 seconds', once: true }),
  'trigger(once=False)': (session) => writer(session).trigger({ once: false }),
  'trigger(availableNow=False)': (session) => writer(session).trigger({ availableNow: false }),
  "outputMode('')": (session) =>
    started(
      writer(session)
        .foreachBatch(() => {})
        .outputMode(''),
    ),
  "outputMode('foo')": (session) =>
    started(
      writer(session)
        .foreachBatch(() => {})
        .outputMode('foo'),
    ),
  'start without a checkpoint location, file sink': (session) => started(writer(session).format('parquet').option('path', 'out')),
  'file sink in complete mode': (session) =>
    started(profit(session).writeStream.format('parquet').option('path', 'out').outputMode('complete')),
  'file sink in update mode': (session) =>
    started(profit(session).writeStream.format('parquet').option('path', 'out').outputMode('update')),
  'unknown source format': (session) => session.readStream.format('nope').load(),
  'unknown sink format': (session) => started(writer(session).format('nope')),
  'file source without a schema': (session) => session.readStream.format('json').load('in'),
  'isStreaming write: df.write': (session) => trades(session).write,
  'memory sink, update mode aggregate': (session) =>
    started(profit(session).writeStream.format('memory').queryName('update_mode').outputMode('update')),
};

/** PySpark's own checks of Python arguments have conditions of their own: any error of the call is right there. */
const isOfPython = (error: Json) => /PySpark|builtins/.test(error.pythonType ?? '');

/** Makes the call; tells what differs from Spark. */
export async function runCallCase(golden: Json): Promise<string[]> {
  const call = CALLS[golden.call];
  if (call === undefined) throw new NotExpressible(`the call ${golden.call}`);
  return outcomeOf(golden, () => call(Session.create({ timeZone: 'UTC' })));
}

/** Calls a batch action on a stream; tells what differs from Spark. */
export async function runActionCase(golden: Json): Promise<string[]> {
  const session = Session.create({ timeZone: 'UTC' });
  const [source] = golden.sources;
  const stream = new MemoryStream<any>(session, schema(Object.fromEntries(source.schema)) as never);
  const frame = toDataFrame(golden.query.input, () => stream.toDF()) as Json;
  const action = frame[golden.query.name];
  // What pandas and caching ask for is the rows.
  return outcomeOf(golden, () => (typeof action === 'function' ? action.call(frame) : frame.toResultBatch()));
}

async function outcomeOf(golden: Json, act: () => unknown): Promise<string[]> {
  const differences: string[] = [];
  try {
    await act();
    if (golden.error) differences.push(`expected the error ${golden.error.errorClass ?? golden.error.exception}, got none`);
  } catch (error) {
    if (!golden.error || !isOfPython(golden.error)) compareError(golden.error, error, differences);
    else if ((error as { code?: string }).code === undefined) differences.push(`not a MillraceError: ${String(error)}`);
  }
  return differences;
}
