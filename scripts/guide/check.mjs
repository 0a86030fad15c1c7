// What the guide's tables leave out, or have too much, compared with what the product knows. Each check returns sentences; none is good.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'smol-toml';
import { columnMethods, OTHER_NAMES, SQL_FORMS, typedFunctions } from './functions.mjs';
import { TYPES } from './types.mjs';

/** All problems of the tables of `root`, whose build must be current. */
export async function guideProblems(root) {
  const load = (path) => import(pathToFileURL(join(root, path)).href);
  const { native } = await load('dist/native/load.js');
  const millrace = await load('dist/index.js');
  return [
    ...functionProblems(root, new Set(native.functionNames()), millrace),
    ...optionProblems(root),
    ...typeProblems(root, millrace.Session.create({})),
  ];
}

/** Every function of the typed API must be one of SQL, every one of SQL must be in the typed API, and every one needs a word on it. */
function functionProblems(root, names, millrace) {
  const typed = typedFunctions(root).flatMap(({ functions }) => functions);
  const said = new Set([...typed.map(({ sqlName }) => sqlName), ...Object.keys(OTHER_NAMES)]);
  const methods = new Set(columnMethods(root).map(({ name }) => name));
  return [
    ...[...names].filter((name) => !said.has(name)).map((name) => `SQL's function ${name} is not in the typed API (src/api/functions)`),
    ...typed
      .filter(({ name, sqlName }) => !names.has(sqlName) && SQL_FORMS[name] === undefined)
      .map(({ name, sqlName }) => `${name}: SQL has no function ${sqlName}; the doc comment should say "Spark counterpart: \`name\`"`),
    ...typed.filter(({ doc }) => doc === '').map(({ name }) => `${name} has no doc comment`),
    ...typed.filter(({ name }) => typeof millrace[name] !== 'function').map(({ name }) => `${name} is not exported`),
    ...Object.entries(OTHER_NAMES)
      .filter(([name, other]) => !names.has(name) || (other !== undefined && !methods.has(other) && typeof millrace[other] !== 'function'))
      .map(([name]) => `OTHER_NAMES: ${name} is no function of SQL, or what stands beside it is none of the typed API`),
  ];
}

/** How Rust's `Options` are asked; of an option with two names the first is in the table. */
const OPTIONS_STRUCT = /(?:\.(?:text|flag|mark)\(|\.any\(&\[|\b(?:bytes|pattern)\()"([^"]+)"/g;

/** How TypeScript's `optionText` and its like are asked. */
const OPTION_FUNCTIONS = /\boption\w+\(options, '([^']+)'/g;

/** Where options are read, and how: what stands in the first group of the pattern is an option's name. */
const OPTION_READERS = [
  { takers: ['from_json'], file: 'native/core/src/parse/json_options.rs', pattern: /\b(?:get|flag|size|pattern)\(\s*"([^"]+)"/g },
  { takers: ['to_json'], file: 'native/core/src/expr/json_text.rs', pattern: /\b(?:get|flag)\("([^"]+)"/g },
  { takers: ['files'], file: 'src/source/file.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['files'], file: 'src/source/file-cleaner.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['files'], file: 'src/source/file-listing.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['files'], file: 'src/source/file-schema.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['files'], file: 'native/core/src/source/json_records.rs', pattern: OPTIONS_STRUCT },
  { takers: ['files'], file: 'native/core/src/source/split.rs', pattern: OPTIONS_STRUCT },
  { takers: ['csv'], file: 'native/core/src/parse/csv_options.rs', pattern: OPTIONS_STRUCT },
  { takers: ['csv', 'csv-sink'], file: 'native/core/src/options.rs', pattern: /\.any\(&\["(sep)"/g },
  { takers: ['csv'], file: 'src/source/spark-options.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['rate'], file: 'src/source/rate.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['socket'], file: 'src/source/socket.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['rate-micro-batch'], file: 'src/source/rate-micro-batch.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['file-sink'], file: 'src/sink/file.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['file-sink'], file: 'native/core/src/sink/file_format.rs', pattern: OPTIONS_STRUCT },
  { takers: ['csv-sink'], file: 'native/core/src/sink/csv_text.rs', pattern: OPTIONS_STRUCT },
  { takers: ['console'], file: 'src/sink/console.ts', pattern: OPTION_FUNCTIONS },
  { takers: ['query'], file: 'src/api/writer.ts', pattern: /#options\.get\('((?!path')[^']+)'/g },
  { takers: ['file-sink'], file: 'src/api/writer.ts', pattern: /#options\.get\('(path)'/g },
  {
    takers: ['kafka'],
    file: 'src/source/kafka/kafka-options.ts',
    pattern:
      /(?:\boption(?:Long|Boolean|DurationMs)\(values, |values\.(?:get|has)\(|as const;?\s*|SUBSCRIPTIONS = \[|\[|, )'([a-z][a-z.]+)'(?=[,)\]])/g,
  },
  {
    takers: ['kafka'],
    prefix: 'kafka.',
    file: 'src/source/kafka/client-settings.ts',
    pattern: /(?:\b(?:settingInt|choice)\(values, |values\.get\(|^ {2})'([a-z.]+)'/gm,
  },
  { takers: ['kafka-sink'], file: 'src/sink/kafka/kafka-sink-options.ts', pattern: /\bvalues\.get\('([^']+)'/g },
  {
    takers: ['kafka-sink'],
    prefix: 'kafka.',
    file: 'src/sink/kafka/kafka-sink-options.ts',
    pattern: /(?:\bsettingInt\(client, |\bclient\.(?:get|has)\()'([^']+)'/g,
  },
];

/** Words between quotes of the same files that are no options. */
const NO_OPTIONS = new Set(['earliest', 'latest', 'error', 'true', 'false', 'offsets', 'timestamp', 'starting', 'ending']);

/** Options whose names are put together. */
const COMPOSED = [
  'kafka.ssl.truststore.location',
  'kafka.ssl.truststore.type',
  'kafka.ssl.keystore.location',
  'kafka.bootstrap.servers',
  'kafka.group.id',
  ...['starting', 'ending'].flatMap((side) => [`${side}offsets`, `${side}timestamp`, `${side}offsetsbytimestamp`]),
  'startingoffsetsbytimestampstrategy',
];

function optionProblems(root) {
  const options = parse(readFileSync(join(root, 'schema/options.toml'), 'utf8'));
  const read = new Map();
  for (const { takers, prefix = '', file, pattern } of OPTION_READERS) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(pattern)) {
      // Configurations travel among the options of JSON.
      if (NO_OPTIONS.has(name) || name.startsWith('spark.')) continue;
      for (const taker of takers) read.set(`${taker}.${prefix}${name}`.toLowerCase(), file);
    }
  }
  for (const name of COMPOSED) read.set(`kafka.${name}`, 'src/source/kafka');
  const said = new Map(
    Object.entries(options).flatMap(([taker, entries]) => Object.keys(entries).map((name) => [`${taker}.${name}`.toLowerCase(), name])),
  );
  return [
    ...[...read].filter(([key]) => !said.has(key)).map(([key, file]) => `the option ${key} of ${file} is not in schema/options.toml`),
    ...[...said.keys()].filter((key) => !read.has(key)).map((key) => `schema/options.toml: nothing reads the option ${key}`),
    ...newReaders(root),
  ];
}

/** Files that read options and are not looked at above. */
function newReaders(root) {
  const known = new Set(OPTION_READERS.map(({ file }) => file));
  return ['src/source', 'src/sink', 'src/source/kafka', 'src/sink/kafka']
    .flatMap((folder) => filesIn(root, folder))
    .filter((file) => !known.has(file) && file !== 'src/source/source-option.ts')
    .filter((file) => /\boption(Text|Int|Boolean)\(options, '/.test(readFileSync(join(root, file), 'utf8')))
    .map((file) => `${file} reads options: scripts/guide/check.mjs should look at it`);
}

function filesIn(root, folder) {
  try {
    return readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** Every type must be one of DDL, under each of its names, and what a row has must be what the table says. */
function typeProblems(root, session) {
  const typeScript = readFileSync(join(root, 'src/api/types/value-types.ts'), 'utf8');
  const [, body] = /interface ScalarTypes \{([^}]*)\}/.exec(typeScript);
  const known = [...body.matchAll(/^ {2}(\w+): (\w+)/gm)].map(([, name, row]) => ({ name: name.toUpperCase(), row }));
  const names = new Map(TYPES.flatMap((type) => [type.name, ...(type.aliases ?? [])].map((name) => [name, type.row])));
  const marks = { Double: 'number', Decimal: 'string' };
  return [
    ...known
      .filter(({ name, row }) => names.get(name) !== (marks[row] ?? row))
      .map(({ name, row }) => `TYPES: ${name} should be there, as ${row} in a row`),
    ...TYPES.flatMap(({ name, sample, aliases = [] }) => [sample ?? name, ...aliases])
      .filter((ddl) => !parses(session, ddl))
      .map((ddl) => `TYPES: ${ddl} is no type of DDL`),
  ];
}

function parses(session, ddl) {
  try {
    return session.createDataFrame([], `a ${ddl}`).columns.length === 1;
  } catch {
    return false;
  }
}
