// A source of the program's own: the sensors of a house, read from where the checkpoint says. Run it again and it goes on.
import { avg, type DataSource, Session, schema, window } from 'millrace';

/** What a real program would ask a device or a service for: reading number `n`, the same whenever it is asked. */
function reading(n: number): { time: Date; room: string; celsius: number } {
  return { time: new Date(Date.UTC(2026, 0, 1, 0, 0, n * 30)), room: n % 2 === 0 ? 'kitchen' : 'attic', celsius: 18 + (n % 5) };
}

/** Readings there are now. */
const NUM_READINGS = 20;

const sensors: DataSource<{ time: Date | null; room: string | null; celsius: number | null }> = {
  name: 'sensors',
  schema: schema({ time: 'timestamp', room: 'string', celsius: 'int' }),
  streamReader: (options) => {
    const perBatch = Number(options['readingsPerBatch'] ?? 10);
    return {
      initialOffset: () => 0,
      // What is there does not grow: the end of `availableNow` needs no pinning.
      prepareForTriggerAvailableNow: () => {},
      latestOffset: (start) => Math.min(NUM_READINGS, Number(start) + perBatch),
      *read(start, end) {
        for (let n = Number(start); n < Number(end); n += 1) yield reading(n);
      },
    };
  },
};

const session = Session.create({ timeZone: 'UTC' });
const query = await session.readStream
  .format(sensors)
  .option('readingsPerBatch', 8)
  .load()
  .withWatermark('time', '1 minute')
  .groupBy(window('time', '5 minutes'), 'room')
  .agg(avg('celsius').alias('celsius'))
  .writeStream.outputMode('update')
  .option('checkpointLocation', './sensors-checkpoint')
  .trigger({ availableNow: true })
  .foreachBatch((batch, id) => {
    for (const { window, room, celsius } of batch) console.log(id, window.start.toISOString().slice(11, 16), room, celsius);
  })
  .start();
await query.awaitTermination();
