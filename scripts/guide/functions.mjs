// docs/guide/functions.md: every function of the typed API and of SQL, from doc comments in src/api.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionsOf, methodsOf, split } from './declarations.mjs';
import { code, page, table } from './markdown.mjs';
import { RATES_NOTE, rateOf, rateText } from './rates.mjs';

/** Functions of the typed API that SQL writes otherwise than as a call. */
export const SQL_FORMS = {
  col: 'the name itself',
  lit: 'a constant',
  expr: 'the text itself',
  when: '`CASE WHEN ... THEN ... END`, `if(...)`',
  not: '`NOT ...`',
  asc: '`... ASC`',
  ascNullsFirst: '`... ASC NULLS FIRST`',
  ascNullsLast: '`... ASC NULLS LAST`',
  desc: '`... DESC`',
  descNullsFirst: '`... DESC NULLS FIRST`',
  descNullsLast: '`... DESC NULLS LAST`',
  countDistinct: '`count(DISTINCT ...)`',
  sumDistinct: '`sum(DISTINCT ...)`',
  percentileCont: '`percentile_cont(...) WITHIN GROUP (ORDER BY ...)`',
  percentileDisc: '`percentile_disc(...) WITHIN GROUP (ORDER BY ...)`',
};

/** What the registry has besides, each with what says the same in the typed API: operators, and names that are words of JavaScript's. */
export const OTHER_NAMES = {
  '=': 'eq',
  '<=>': 'eqNullSafe',
  '<': 'lt',
  '<=': 'leq',
  '>': 'gt',
  '>=': 'geq',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  mod: 'mod',
  div: undefined,
  '&': 'bitwiseAND',
  '|': 'bitwiseOR',
  '^': 'bitwiseXOR',
  '~': 'bitwiseNot',
  '<<': 'shiftleft',
  '>>': 'shiftright',
  '>>>': 'shiftrightunsigned',
  '||': 'concat',
  and: 'and',
  or: 'or',
  between: 'between',
  in: 'isin',
  getfield: 'getField',
  getitem: 'getItem',
  if: 'when',
  bigint: 'cast',
  binary: 'cast',
  boolean: 'cast',
  date: 'cast',
  decimal: 'cast',
  double: 'cast',
  float: 'cast',
  int: 'cast',
  smallint: 'cast',
  string: 'cast',
  timestamp: 'cast',
  tinyint: 'cast',
  iff: 'when',
  create_map: 'createMap',
};

/** @returns {{ file: string, title: string, functions: object[] }[]} the functions of the typed API, by the file that they stand in */
export function typedFunctions(root) {
  const folder = join(root, 'dist/api/functions');
  const exported = new Set(
    [...readFileSync(join(root, 'src/api/functions.ts'), 'utf8').matchAll(/functions\/([\w-]+)\.js/g)].map(([, name]) => name),
  );
  return readdirSync(folder)
    .filter((name) => name.endsWith('.d.ts') && exported.has(name.replace('.d.ts', '')))
    .sort()
    .map((name) => {
      const file = name.replace('.d.ts', '.ts');
      const source = readFileSync(join(root, 'src/api/functions', file), 'utf8');
      const title = source
        .replace(/\r?\n\/\/ /g, ' ')
        .slice(3)
        .split(/[.:] |[.:]?\n/)[0];
      return { file, title, functions: functionsOf(readFileSync(join(folder, name), 'utf8')).map(describe) };
    });
}

/** The methods of Column. */
export function columnMethods(root) {
  return methodsOf(readFileSync(join(root, 'dist/api/column.d.ts'), 'utf8')).map(describe);
}

/** Adds what Spark and SQL call it: the doc comment says so where the name in snake case is another. */
function describe(declaration) {
  const [, spark, sql] = /Spark counterpart: `([^`]+)`(?:, in SQL `([^`]+)`)?/.exec(declaration.doc) ?? [];
  const name = sql ?? spark ?? declaration.name;
  return { ...declaration, sqlName: /^\w+$/.test(name) ? name : declaration.name };
}

export function functionsPage(root, rates) {
  const sections = typedFunctions(root).map(({ title, functions }) => {
    const rows = functions
      .sort((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1))
      .map((entry) => [
        typeScriptText(entry),
        sqlText(entry),
        firstSentence(entry.doc),
        rateText(rateOf(rates, 'functions', entry.sqlName)),
      ]);
    return `## ${title}\n\n${table(['TypeScript', 'SQL', 'what it gives', 'vectors'], rows)}`;
  });
  const methods = columnMethods(root).map((entry) => [typeScriptText(entry), firstSentence(entry.doc)]);
  const others = Object.entries(OTHER_NAMES).map(([name, typed]) => [code(name), typed === undefined ? 'SQL alone' : code(typed)]);
  const introduction =
    `Import them from \`millrace\`, or write them in \`expr('...')\`, \`selectExpr\`, \`filter('...')\` and \`session.sql\`. A parameter without a type is a column or ` +
    `a column's name; \`Operand\` is a column or a constant. Behind an arrow stands the TypeScript type of the value, where it does not follow from the arguments. ` +
    `SQL's names are Spark's; what is in brackets may be left out. ${RATES_NOTE}`;
  return page('Functions', introduction, [
    ...sections,
    `## Methods of a column\n\n${table(['TypeScript', 'what it gives'], methods)}`,
    `## Operators and other names of SQL\n\nThe typed API says them as methods and functions. \`div\`, the division of whole numbers, is \`expr('a div b')\`.\n\n${table(['SQL', 'typed API'], others)}`,
  ]);
}

function typeScriptText({ name, parameters, result }) {
  const shown = parameters.map(({ name: parameter, optional, rest, type }) => {
    const simple = simpleType(type);
    return `${rest ? '...' : ''}${parameter}${optional ? '?' : ''}${simple === '' ? '' : `: ${simple}`}`;
  });
  const value = valueType(result);
  return `${code(`${name}(${shown.join(', ')})`)}${value === '' ? '' : ` → ${code(value)}`}`;
}

/** A parameter's type as the table shows it; nothing where it is a column or a name, as most are. */
function simpleType(type) {
  if (/\b(ComparableWith|ItemKey)</.test(type)) return 'Operand';
  if (/^FieldName</.test(type)) return 'string';
  if (/^Test</.test(type)) return '(element) => Column';
  if (/^(readonly )?\[?(ColumnOrName|Column<[^>]*>)?(\[\]|, \.\.\.ColumnOrName\[\]\])?$/.test(type))
    return /^Column</.test(type) ? 'Column' : '';
  if (type.includes('=>')) {
    const [, parameters = ''] = /^\((.*)\) =>/s.exec(type) ?? [];
    const names = split(parameters).map((part) => part.split(/[?:]/)[0]);
    return `(${names.join(', ')}) => Column`;
  }
  return type.replace(/Column<[^|]*>/g, 'Column').replace(/readonly /g, '');
}

/** The type of a result's values, where it is written without helpers. */
function valueType(result) {
  const [, inner] = /^(?:Column|WhenColumn)<(.*)>$/s.exec(result) ?? [];
  if (inner === undefined) return '';
  const [value] = split(inner);
  const words = value.match(/[A-Za-z]\w*/g) ?? [];
  const plain = new Set('string number bigint boolean Date Uint8Array null Double Decimal Map WindowRange readonly'.split(' '));
  return words.every((word) => plain.has(word)) ? value : '';
}

/** The call in SQL: `to_timestamp(column[, pattern])`. */
function sqlText({ name, sqlName, parameters }) {
  if (SQL_FORMS[name] !== undefined) return SQL_FORMS[name];
  const snake = (word) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  let text = '';
  let open = 0;
  for (const [index, { name: parameter, optional, rest, type }] of parameters.entries()) {
    const comma = index === 0 ? '' : ', ';
    const argument = /=>|^Test</.test(type) ? 'x -> ...' : snake(parameter);
    if (optional) {
      text += `[${comma}${argument}`;
      open += 1;
    } else text += rest ? `${comma}...` : `${comma}${argument}`;
  }
  return code(`${sqlName}(${text}${']'.repeat(open)})`);
}

/** What a doc comment says first. */
export function firstSentence(doc) {
  const [sentence] = doc.split(/(?<=\.)\s+(?=[A-Z`])/);
  return sentence.replace(/^Spark counterpart.*/, '');
}
