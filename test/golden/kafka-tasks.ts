// Watches what a DataFrame's Kafka source hands to map tasks: the first and the last offset of every task by partition.

type Json = any;

/** One task's part of a partition, as the vectors write it. */
export interface TaskRange {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** Tasks of each call for splits, in order. */
export type TaskLog = TaskRange[][][];

/** Has the sources of `frame` note the splits that they give, and returns the notes. */
export function watchTasks(frame: Json): TaskLog {
  const log: TaskLog = [];
  for (const [number, source] of frame.sources) {
    const watched = typeof source === 'function' ? () => watch(source(), log) : watch(source, log);
    frame.sources.set(number, watched);
  }
  return log;
}

function watch(source: Json, log: TaskLog): Json {
  const splits = source.splits.bind(source);
  source.splits = async (...range: Json[]) => {
    const given = await splits(...range);
    log.push(given.map(({ spec }: Json) => rangesOf(spec.segments)).filter((task: TaskRange[]) => task.length > 0));
    return given;
  };
  return source;
}

/** The segments of one task, with neighbours of one partition put together. */
function rangesOf(segments: Json[]): TaskRange[] {
  const ranges = new Map<string, TaskRange>();
  for (const { topic, partition, fromOffset, toOffset } of segments) {
    const key = `${topic}-${partition}`;
    const known = ranges.get(key);
    const first = Math.min(fromOffset, known?.first ?? fromOffset);
    ranges.set(key, { topic, partition, first, last: Math.max(toOffset - 1, known?.last ?? 0) });
  }
  return [...ranges.values()];
}
