// docs/guide/options.md: schema/options.toml as tables, one for each taker.
import { code, page, table } from './markdown.mjs';
import { RATES_NOTE, rateOf, rateText } from './rates.mjs';

/** Takers by their name in options.toml: title, what is said first, and what vectors call their options. */
const TAKERS = {
  from_json: {
    title: '`from_json`, `schema_of_json` and the json source',
    text: "`fromJson(col('value'), ddl, { mode: 'FAILFAST' })`, in SQL `from_json(value, ddl, map('mode', 'FAILFAST'))`, and `option('mode', ...)` of a reader of json files.",
    topics: ['from_json', 'schema_of_json', 'read'],
  },
  to_json: {
    title: '`to_json`',
    text: "`toJson('trade', { pretty: true })`, in SQL `to_json(trade, map('pretty', 'true'))`.",
    topics: ['to_json'],
  },
  files: {
    title: 'Files that are read: json, csv, text and parquet',
    text: "`session.readStream.format('json')`, `session.read.format('json')`.",
    topics: ['read'],
  },
  csv: {
    title: 'csv that is read',
    text: "`session.readStream.format('csv')`, `session.read.csv(path)`; `mode`, `columnNameOfCorruptRecord` and the patterns of times are those of `from_json`.",
    topics: ['read'],
  },
  socket: {
    title: 'socket',
    text: "`session.readStream.format('socket')`: lines of text, for demonstrations; what came cannot be read again.",
    topics: ['socket'],
  },
  rate: { title: 'rate', text: "`session.readStream.format('rate')`.", topics: ['rate'] },
  'rate-micro-batch': { title: 'rate-micro-batch', text: "`session.readStream.format('rate-micro-batch')`.", topics: ['read'] },
  kafka: {
    title: 'kafka',
    text: "`session.readStream.format('kafka')` and `session.read.format('kafka')`. Options that begin with `kafka.` are settings of Kafka's own clients; those that nothing here answers to are accepted without effect.",
    topics: ['kafka'],
  },
  'kafka-sink': {
    title: 'kafka, written',
    text: "`df.writeStream.format('kafka')` and `df.write.format('kafka')`. Connection settings (`kafka.security.protocol`, `kafka.sasl.*`, `kafka.ssl.*`, time limits) are the source's.",
    topics: ['kafka-sink'],
  },
  'file-sink': {
    title: 'Files that are written: json, csv, text and parquet',
    text: "`df.writeStream.format('parquet').start(path)`; json takes the options of `to_json` besides.",
    topics: ['write'],
  },
  'csv-sink': { title: 'csv that is written', text: "`df.writeStream.format('csv')`.", topics: ['write'] },
  console: { title: 'console', text: "`df.writeStream.format('console')`.", topics: ['console'] },
  query: { title: 'Every streaming query', text: '`df.writeStream.option(...)`, whatever the sink.', topics: ['query'] },
};

export function optionsPage(options, rates) {
  const sections = Object.entries(options).map(([taker, entries]) => {
    const { title, text, topics } = TAKERS[taker] ?? { title: taker, text: '', topics: [taker] };
    const rows = Object.entries(entries).map(([name, { default: otherwise, doc }]) => [
      code(name),
      code(otherwise),
      doc,
      rateText(sum(topics.map((topic) => rateOf(rates, 'options', `${topic}.${name.toLowerCase()}`)))),
    ]);
    return `## ${title}\n\n${text}\n\n${table(['option', 'default', 'what it does', 'vectors'], rows)}`;
  });
  return page(
    'Options',
    `Names are the same in upper and lower case; options that are not known are ignored, as by Spark. ${RATES_NOTE}`,
    sections,
  );
}

function sum(found) {
  const known = found.filter((rate) => rate !== undefined);
  return known.length === 0 ? undefined : known.reduce(([passed, failed], [more, fewer]) => [passed + more, failed + fewer]);
}
