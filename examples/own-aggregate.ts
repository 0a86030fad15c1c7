// An aggregate of the program's own: the longest run of purchases in one shop without another between, for each user and day. No aggregate
// of Spark's looks at neighbouring rows.
import { count, lit, MemoryStream, Session, schema, udaf, window } from 'millrace';

const longestRun = udaf({
  name: 'longest_run',
  input: 'string not null',
  buffer: schema({ shop: 'string', length: 'int not null', best: 'int not null' }),
  output: 'int not null',
  zero: () => ({ shop: null, length: 0, best: 0 }),
  reduce(run, shop) {
    const length = run.shop === shop ? run.length + 1 : 1;
    return { shop, length, best: Math.max(run.best, length) };
  },
  finish: ({ best }) => best,
});

const session = Session.create({ timeZone: 'UTC' });
const purchases = new MemoryStream(session, schema({ time: 'timestamp', user: 'string', shop: 'string' }));
const runs = purchases
  .toDF()
  .withWatermark('time', '1 hour')
  .groupBy(window('time', '1 day'), 'user')
  .agg(longestRun('shop').alias('run'), count(lit(1)).alias('purchases'))
  .select('user', 'run', 'purchases');

const query = await runs.writeStream.outputMode('update').format('console').start();
const buy = (time: string, user: string, shop: string) => ({ time: new Date(`2026-01-0${time}Z`), user, shop });
purchases.addData(buy('1T10:00', 'Jade', 'baker'), buy('1T11:00', 'Jade', 'baker'), buy('1T11:00', 'Kun', 'florist'));
await query.processAllAvailable();
// The run that the first batch left goes on in the second.
purchases.addData(buy('1T12:00', 'Jade', 'baker'), buy('1T13:00', 'Jade', 'grocer'), buy('2T09:00', 'Jade', 'baker'));
await query.processAllAvailable();
await query.stop();
