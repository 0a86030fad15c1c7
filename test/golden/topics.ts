// What a vector is about: the functions, types, options and configurations that it names, so that a pass rate can be told for each.

type Json = any;

/** Names by kind of topic. */
export interface Topics {
  readonly functions: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  /** `from_json.mode`, `read.maxfilespertrigger`: who takes the option, and its name in lower case. */
  readonly options: ReadonlySet<string>;
  readonly configurations: ReadonlySet<string>;
}

/** Words of SQL that may stand before a parenthesis and are no functions. */
const SQL_WORDS = new Set(
  'all and any array as between by cross cube decimal distinct exists from group having in inner intersect interval join lateral left like not on or order over rollup select sets some struct table then union using values view when where with within'.split(
    ' ',
  ),
);

/** Functions whose names are also words: taken as functions where a parenthesis follows at once. */
const ALSO_FUNCTIONS = new Set(['any', 'array', 'exists', 'left', 'some', 'struct', 'like']);

/** Streaming trees call operators by names of Column's methods. */
const OPERATORS = new Set(
  'and asc desc divide eq eqNullSafe ge gt interval isNotNull isNull le lt minus mod multiply ne not or plus when'.split(' '),
);

/** What streaming trees call otherwise than SQL does. */
const TREE_NAMES: Readonly<Record<string, string>> = {
  count_star: 'count',
  count_distinct: 'count',
  sum_distinct: 'sum',
  rank_over: 'rank',
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  BYTE: 'TINYINT',
  SHORT: 'SMALLINT',
  INTEGER: 'INT',
  LONG: 'BIGINT',
  REAL: 'FLOAT',
  DEC: 'DECIMAL',
  NUMERIC: 'DECIMAL',
  TIMESTAMP_LTZ: 'TIMESTAMP',
};

const TYPES = new Set(
  'TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL STRING BINARY BOOLEAN DATE TIMESTAMP TIMESTAMP_NTZ TIME ARRAY MAP STRUCT VOID VARIANT'.split(
    ' ',
  ),
);

/** The topics of a case of golden/scalar or golden/streaming. */
export function topicsOf(golden: Json): Topics {
  const sql: string = golden.sql ?? (typeof golden.query === 'string' ? golden.query : '');
  const calls = sql === '' ? callsOfTree(golden.query) : callsOfSql(sql);
  return { functions: calls, types: typesOf(golden, sql), options: optionsOf(golden, sql), configurations: configurationsOf(golden) };
}

/** Functions that SQL writes as words between or before their arguments. */
const WORD_OPERATORS: Readonly<Record<string, string>> = {
  BETWEEN: 'between',
  CASE: 'when',
  DIV: 'div',
  ILIKE: 'ilike',
  LIKE: 'like',
  REGEXP: 'regexp',
  RLIKE: 'rlike',
};

function callsOfSql(sql: string): Set<string> {
  const bare = sql
    .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g, "''")
    // Options are no map.
    .replace(/\bmap\((?:'', *'',? *)+\)/g, "''");
  const names = [...bare.matchAll(/\b([A-Za-z_]\w*)(\s*)\(/g)].map(([, name = '', space = '']) => ({ name: name.toLowerCase(), space }));
  const operators = [...bare.matchAll(/\b[A-Z]+\b/g)].flatMap(([word]) => WORD_OPERATORS[word] ?? []);
  const calls = names.filter(({ name, space }) => !SQL_WORDS.has(name) || (ALSO_FUNCTIONS.has(name) && space === ''));
  return new Set([...calls.map(({ name }) => name), ...operators]);
}

function callsOfTree(tree: Json): Set<string> {
  const found = new Set<string>();
  for (const node of nodesOf(tree)) {
    const name: string | undefined = node.fn;
    if (name !== undefined && !OPERATORS.has(name)) found.add(TREE_NAMES[name] ?? name);
  }
  return found;
}

/** Every object of a JSON value. */
function nodesOf(value: Json): Json[] {
  const found: Json[] = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) found.push(next);
    waiting.push(...Object.values(next));
  }
  return found;
}

function typesOf(golden: Json, sql: string): Set<string> {
  const columns = (golden.sources ?? []).flatMap((source: Json) => (source.schema ?? []).map(([, type]: [string, string]) => type));
  const casts = [...sql.matchAll(/\bAS\s+([A-Za-z_]+(?: [A-Za-z]+ TO [A-Za-z]+)?)/g)].map(([, type]) => type);
  const ddls = /\bfrom_json\b/i.test(sql) ? [...sql.matchAll(/'([^']*)'/g)].map(([, text]) => text) : [];
  const inTrees = [golden.query, golden.type].filter((tree) => typeof tree === 'object').flatMap(typesOfTree);
  const written = typeof golden.type === 'string' ? [golden.type] : [];
  return new Set([golden.schema, ...written, ...columns, ...casts, ...ddls, ...inTrees].flatMap((text) => typesOfDdl(String(text ?? ''))));
}

/** The types of DDL text such as `id STRING, m MAP<STRING, INT>`: names of columns may be words for types too. */
function typesOfDdl(ddl: string): string[] {
  return ddl
    .toUpperCase()
    .split(/[,<>()]/)
    .flatMap((piece) => {
      const words = piece.trim().split(/[\s:]+/);
      const interval = words.indexOf('INTERVAL');
      if (interval >= 0) return [words.slice(interval, interval + 4).join(' ')];
      const type = words[words.length > 1 ? 1 : 0] ?? '';
      const name = TYPE_NAMES[type] ?? type;
      return TYPES.has(name) ? [name] : [];
    });
}

/** The types that casts and from_json of a streaming tree name, and those of a schema in Spark's JSON form. */
function typesOfTree(tree: Json): string[] {
  return nodesOf(tree).flatMap((node) => {
    const ddl = node.fn === 'from_json' ? node.args?.[1] : undefined;
    return [node.cast, node.type, node.elementType, node.keyType, node.valueType, typeof ddl === 'string' ? ddl : ddl?.lit].filter(
      (text) => typeof text === 'string',
    );
  });
}

function optionsOf(golden: Json, sql: string): Set<string> {
  const takers = ['from_json', 'to_json', 'schema_of_json'].filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(sql));
  const maps = [...sql.matchAll(/\bmap\(([^()]*)\)/gi)].flatMap(([, entries = '']) => [...entries.matchAll(/'([^']*)',\s*'[^']*'/g)]);
  const called = takers.flatMap((taker) => maps.map(([, name = '']) => `${taker}.${name.toLowerCase()}`));
  const read = (golden.sources ?? [golden]).flatMap((source: Json) => Object.keys(source.options ?? {}));
  return new Set([...called, ...read.map((name: string) => `read.${name.toLowerCase()}`)]);
}

function configurationsOf({ ansi, timeZone, conf = {}, config = {} }: Json): Set<string> {
  const names = [...Object.keys(conf), ...Object.keys(config.conf ?? {})];
  if (ansi !== undefined) names.push('spark.sql.ansi.enabled');
  if ((timeZone ?? config.timeZone ?? 'UTC') !== 'UTC') names.push('spark.sql.session.timeZone');
  if (config.shufflePartitions !== undefined) names.push('spark.sql.shuffle.partitions');
  return new Set(names);
}
