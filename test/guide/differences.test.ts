// The page of differences is true: what can be run of it without Spark is run, row by row.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { col, count, fromJson, lit, MemoryStream, Session, type StreamingQueryProgress, schema, window } from 'millrace';
import { fetchOffset } from '../../dist/source/kafka/fetch-offset.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/guide/differences-from-spark.md', import.meta.url)), 'utf8');
const session = Session.create({ timeZone: 'UTC' });
const folder = mkdtempSync(join(tmpdir(), 'millrace-differences-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'a.json'), '{"a":1}\n{"a":2}\n{"a":3}\n');

const twice = session.createDataFrame([[1, 2]], 'a INT, b INT');
twice.createOrReplaceTempView('t');
session.createDataFrame([[1, 3]], 'a INT, b INT').createOrReplaceTempView('u');

/** A windowed count over a few times, its rows batch by batch, and its progress. */
async function runWindows(times: readonly string[]) {
  const stream = new MemoryStream(session, schema('time TIMESTAMP'));
  const starts: string[] = [];
  const query = await stream
    .toDF()
    .withWatermark('time', '0 seconds')
    .groupBy(window('time', '1 minute'))
    .agg(count(lit(1)).alias('n'))
    .writeStream.outputMode('update')
    .foreachBatch((batch) => {
      for (const row of batch) starts.push(row.window?.start.toISOString() ?? '');
    })
    .start();
  stream.addData(...times.map((time) => ({ time: new Date(time) })));
  await query.processAllAvailable();
  const progress: readonly StreamingQueryProgress[] = query.recentProgress;
  await query.stop();
  return { starts, progress };
}

const kafka = (options: Record<string, string | boolean>) =>
  session.readStream.format('kafka').options({ 'kafka.bootstrap.servers': 'host:1', subscribe: 't', ...options });

const refused = (code: string, ...queries: readonly string[]) => {
  for (const sql of queries) {
    assert.throws(
      () => session.sql(sql),
      (error: { code?: string }) => error.code === code,
      `${sql} should be ${code}`,
    );
  }
};

/** What stands in the first column of a table of the page, and what shows that it is so. */
const CHECKS: Readonly<Record<string, () => unknown>> = {
  'order of rows in a batch': async () => {
    const { starts } = await runWindows(['2026-01-01T12:09:00Z', '2026-01-01T12:01:00Z', '2026-01-01T12:05:00Z']);
    assert.deepEqual(starts, [...starts].sort());
  },
  '`numInputRows` of a Parquet source': async () => {
    const parquet = `${folder}-parquet`;
    after(() => rmSync(parquet, { recursive: true, force: true }));
    await session.range(3).write.parquet(parquet);
    const frame = session.readStream.schema('id BIGINT').parquet(parquet).filter('id > 100');
    const query = await frame.writeStream
      .trigger({ availableNow: true })
      .foreachBatch(() => {})
      .start();
    await query.awaitTermination();
    assert.equal(query.lastProgress?.numInputRows, 3);
  },
  '`allRemovalsTimeMs`, `commitTimeMs`': async () => {
    const { progress } = await runWindows(['2026-01-01T12:00:00Z', '2026-01-01T13:00:00Z']);
    for (const { stateOperators } of progress) {
      for (const { allRemovalsTimeMs, commitTimeMs } of stateOperators) assert.deepEqual([allRemovalsTimeMs, commitTimeMs], [0, 0]);
    }
  },
  '`memoryUsedBytes`': async () => {
    const { progress } = await runWindows(['2026-01-01T12:00:00Z']);
    const [operator] = progress[0]?.stateOperators ?? [];
    assert.equal(operator?.memoryUsedBytes, operator?.customMetrics['stateOnCurrentVersionSizeBytes']);
  },
  'Kafka records at offsets beyond 2^53': () => {
    kafka({ startingOffsets: '{"t":{"0":9007199254740993}}' }).load();
    assert.equal(fetchOffset('t-0', 9007199254740991n), 9007199254740991);
    assert.throws(() => fetchOffset('t-0', 9007199254740993n), { code: 'KAFKA_FETCH_FAILED' });
  },
  'columns of one name': async () => {
    const frame = session.sql('SELECT 1 AS a, 2 AS a');
    assert.deepEqual(await frame.collect(), [{ a: 2 }]);
    const batch = await frame.toResultBatch();
    assert.deepEqual([batch.columnAt(0).values?.[0], batch.columnAt(1).values?.[0]], [1, 2]);
  },
  '`spark.sql.shuffle.partitions`': () => assert.equal(session.conf.get('spark.sql.shuffle.partitions'), '8'),
  '`spark.sql.session.timeZone`': () => assert.equal(Session.create({}).conf.get('spark.sql.session.timeZone'), 'UTC'),
  '`WITH`, `UNION` and its kin, `VALUES`, table functions in SQL text': () =>
    refused(
      'PARSE_SYNTAX_ERROR',
      'WITH w AS (SELECT 1 AS a) SELECT a FROM w',
      'SELECT a FROM t UNION ALL SELECT a FROM u',
      'SELECT * FROM VALUES (1), (2)',
      'SELECT * FROM range(3)',
    ),
  '`NATURAL JOIN`, `LATERAL`, scalar subqueries, subqueries under `OR`': () =>
    refused(
      'PARSE_SYNTAX_ERROR',
      'SELECT * FROM t NATURAL JOIN u',
      'SELECT * FROM t, LATERAL (SELECT t.a + 1 AS c)',
      'SELECT (SELECT max(a) FROM u) AS m FROM t',
      'SELECT * FROM t WHERE a = 1 OR a IN (SELECT a FROM u)',
    ),
  '`QUALIFY`, `SORT BY`, `CLUSTER BY`, `DISTRIBUTE BY`, `PIVOT`, `* EXCEPT`, names of columns in an alias': () =>
    refused(
      'PARSE_SYNTAX_ERROR',
      ...['QUALIFY a = 1', 'SORT BY a', 'CLUSTER BY a', 'DISTRIBUTE BY a', 'AS x(c, d)'].map((clause) => `SELECT * FROM t ${clause}`),
      'SELECT * FROM t PIVOT (max(a) FOR b IN (1, 2))',
      'SELECT * EXCEPT (a) FROM t',
    ),
  'windows with a name, `OVER w`; functions over windows of groups, `sum(sum(a)) OVER ()`, or in `ORDER BY`': () => {
    refused('PARSE_SYNTAX_ERROR', 'SELECT rank() OVER w AS r FROM t WINDOW w AS (ORDER BY a)', 'SELECT rank() OVER w AS r FROM t');
    refused('_LEGACY_ERROR_TEMP_1034', 'SELECT sum(sum(a)) OVER () AS s FROM t', 'SELECT a FROM t ORDER BY rank() OVER (ORDER BY a)');
  },
  'samples with replacement: `df.sample(true, 0.5)`': () => {
    assert.throws(() => twice.sample(true, 0.5), { code: 'ARGUMENT_INVALID' });
  },
  "named arguments, parameters: `mask(s, upperChar => 'x')`, `:name`": () =>
    refused('PARSE_SYNTAX_ERROR', "SELECT mask('a', upperChar => 'x') AS m", 'SELECT :name AS a'),
  'statements: `CREATE`, `INSERT`, `SHOW`, `DESCRIBE`, `SET`': () =>
    refused('PARSE_SYNTAX_ERROR', 'CREATE TABLE x (a INT)', 'INSERT INTO t VALUES (1, 2)', 'SHOW TABLES', 'DESCRIBE t', 'SET a = 1'),
  'correlated names that both sides of a subquery have, without a qualifier': () =>
    refused('AMBIGUOUS_REFERENCE', 'SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE a = t.a)'),
  'functions of chance and of place: `rand`, `uuid`, `monotonically_increasing_id`, `input_file_name`': () =>
    refused(
      'UNRESOLVED_ROUTINE',
      ...['rand', 'uuid', 'monotonically_increasing_id', 'input_file_name'].map((name) => `SELECT ${name}() AS a`),
    ),
  '`trigger({ continuous })`': () => {
    const writer = session.readStream.format('rate').load().writeStream;
    assert.throws(() => writer.trigger({ continuous: '1 second' } as never), { code: 'ARGUMENT_INVALID' });
  },
  'Kafka: an unknown topic, a wrong option of the query': () => {
    assert.throws(() => kafka({ maxOffsetsPerTrigger: 'x' }).load(), { code: 'OPTION_INVALID' });
  },
  'files: `singleVariantColumn`, `timeFormat`, `sortKeys`, `extension`, `unescapedQuoteHandling` but for STOP_AT_DELIMITER, rebase modes of LEGACY':
    () => {
      const load = (name: string, value: string) => session.read.schema('a INT').option(name, value).format('csv').load(folder);
      load('unescapedQuoteHandling', 'STOP_AT_DELIMITER');
      for (const [name, value] of Object.entries({ singleVariantColumn: 'v', timeFormat: 'HH', unescapedQuoteHandling: 'SKIP_VALUE' }))
        assert.throws(() => load(name, value), { code: 'OPTION_INVALID', message: new RegExp(name) });
    },
  'configurations that are not known': () => {
    assert.throws(() => session.conf.set('spark.executor.memory' as never, '1g'), { code: 'CONFIG_UNKNOWN' });
  },
  'hints: `/*+ BROADCAST(t) */`': async () => {
    assert.deepEqual(await session.sql('SELECT /*+ BROADCAST(t) */ a FROM t').collect(), [{ a: 1 }]);
  },
  '`df.repartition`, `df.coalesce`': async () => {
    assert.deepEqual(await twice.repartition(3).coalesce(1).collect(), [{ a: 1, b: 2 }]);
  },
  'windows that one row falls into (size / slide)': () => {
    const times = session.createDataFrame([[new Date(0)]], 'time TIMESTAMP');
    assert.throws(() => times.groupBy(window('time', '1 day', '1 millisecond')).agg(count('*').alias('n')), { code: 'LIMIT_EXCEEDED' });
  },
  'levels of nesting of a type, of a plan (calls one behind the other count), of SQL text': () => {
    const array = `${'ARRAY<'.repeat(101)}INT${'>'.repeat(101)}`;
    assert.throws(() => session.createDataFrame([], `a ${array}`), { code: 'LIMIT_EXCEEDED' });
    let frame = session.range(1).select(col('id').cast('int').alias('a'));
    assert.throws(
      () => {
        for (let level = 0; level < 130; level += 1) frame = frame.filter('a >= 0');
      },
      { code: 'LIMIT_EXCEEDED' },
    );
    refused('LIMIT_EXCEEDED', `SELECT ${'('.repeat(60)}1${')'.repeat(60)} AS a`);
  },
  'levels of nesting of a JSON document': async () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const read = (levels: number) =>
      session
        .createDataFrame([[nested(levels)]], 'v STRING')
        .select(fromJson(col('v'), 'a STRING', { maxNestingDepth: 1_000_000 }).alias('j'))
        .collect();
    assert.notEqual((await read(1_900))[0]?.j?.a, null);
    assert.equal((await read(2_100))[0]?.j?.a, null);
  },
  'strings whose bytes are no UTF-8': async () => {
    assert.deepEqual(await session.sql("SELECT CAST(X'FF' AS STRING) AS s, hex(CAST(X'FF' AS STRING)) AS h").collect(), [
      { s: '\ufffd', h: 'FF' },
    ]);
  },
  'names of running queries': async () => {
    const start = (each: Session) => each.readStream.format('rate').load().writeStream.format('memory').queryName('one').start();
    const query = await start(session);
    await assert.rejects(start(Session.create({})), { code: 'QUERY_ALREADY_ACTIVE' });
    await query.stop();
  },
};

describe('differences from Spark', () => {
  for (const [what, check] of Object.entries(CHECKS)) {
    test(what, async () => {
      assert.ok(page.includes(`| ${what} |`), 'the page says so');
      await check();
    });
  }
});
