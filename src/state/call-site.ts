// Where a call of the program's functions stands, for everything that the functions hold: the group in hand and what its call has counted.

/** What Spark counts while the functions of one partition run. */
export class CallCounters {
  updated = 0;
  removed = 0;
  registered = 0;
  deleted = 0;
  expired = 0;
}

/** The call that is being made. One object serves all calls of a batch. */
export class CallSite {
  /** Number of the group in hand within the batch. */
  group = 0;
  counters = new CallCounters();
  /** The watermark of the batch and its time, milliseconds. */
  watermarkMs = 0;
  timestampMs = 0;
}
