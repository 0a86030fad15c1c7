// One scalar vector through the public API: createDataFrame, then selectExpr, session.sql or show, compared with what Spark answered.
import { type DataFrame, MillraceError, Session } from 'millrace';
import { inputValue, resultValue, valueText } from './golden-value.ts';
import { ddlText } from './spark-ddl.ts';

type Json = any;
type AnyFrame = DataFrame<any>;

/** What the product answered: a value, or an error with when it came. */
type Answer = { readonly text: string } | { readonly error: unknown; readonly phase: 'analysis' | 'runtime' };

/** Sessions by their settings: thousands of cases share a few. */
const sessions = new Map<string, Session>();
/** Row types by DDL text. */
const rowTypes = new Map<string, Json>();

/** Runs a case of golden/scalar (README.md there describes it) and tells what differs from Spark. */
export async function runScalarCase(golden: Json): Promise<string[]> {
  try {
    const session = sessionOf(golden);
    if (golden.show !== undefined) return await runShowCase(session, golden);
    if (golden.query !== undefined) return await runBatchCase(session, golden);
    return golden.window === undefined ? await runRowCase(session, golden) : await runWindowCase(session, golden);
  } catch (error) {
    return [`the case cannot be run: ${errorText(error)}`];
  }
}

/** An expression over one row. */
async function runRowCase(session: Session, golden: Json): Promise<string[]> {
  const input = inputFrame(session, golden.schema, [golden.row]);
  const types: Json[] = [];
  const answer = await ask(
    () => input.selectExpr(golden.sql),
    async (frame) => {
      const { type } = frame.schema.fields[0]!;
      types.push(type);
      const batch = await frame.toResultBatch();
      if (batch.numRows !== 1) return `${batch.numRows} rows`;
      return valueText(resultValue(batch.columnAt(0), 0, type), type);
    },
  );
  // An expected value is written by the product's own type; where that is another, the types' difference is told too.
  const expected = golden.expected.error ?? valueText(golden.expected.value, types[0]);
  return [...typeDifferences(golden, types.map(ddlText)), ...answerDifferences(golden, answer, expected)];
}

/** The windows of one timestamp: start, end and window_time of each. */
async function runWindowCase(session: Session, golden: Json): Promise<string[]> {
  const input = inputFrame(session, golden.schema, [golden.row]);
  const types: string[] = [];
  const answer = await ask(
    () => input.selectExpr(`${golden.sql} AS w`).selectExpr('w.start AS start', 'w.end AS end', 'window_time(w) AS window_time'),
    async (frame) => {
      const { fields } = frame.schema;
      types.push(`ARRAY<STRUCT<${fields.map(({ name, type }) => `${name}: ${ddlText(type)}`).join(', ')}>>`);
      const batch = await frame.toResultBatch();
      return JSON.stringify(rowsOf(batch, fields));
    },
  );
  const expected = golden.expected.error ?? JSON.stringify(golden.expected.value);
  return [...typeDifferences(golden, types), ...answerDifferences(golden, answer, expected)];
}

/** A query over the view t. */
async function runBatchCase(session: Session, golden: Json): Promise<string[]> {
  inputFrame(session, golden.schema, golden.rows).createOrReplaceTempView('t');
  const schemas: string[] = [];
  const answer = await ask(
    () => session.sql(golden.query),
    async (frame) => {
      schemas.push(schemaText(frame.schema));
      const { fields } = frame.schema;
      return rowsText(golden, rowsOf(await frame.toResultBatch(), fields), fields);
    },
  );
  const expected = golden.expected.error ?? rowsText(golden, golden.expected.rows, golden.type.fields);
  const [schema] = schemas;
  const wanted = golden.type === undefined ? schema : schemaText(golden.type);
  const differences = schema === undefined || schema === wanted ? [] : [`schema expected: ${wanted}`, `schema got:      ${schema}`];
  return [...differences, ...answerDifferences(golden, answer, expected)];
}

/** The text of show(). */
async function runShowCase(session: Session, golden: Json): Promise<string[]> {
  inputFrame(session, golden.schema, golden.rows).createOrReplaceTempView('t');
  const { n, truncate, vertical } = golden.show;
  const answer = await ask(
    () => session.sql(golden.query),
    (frame) => frame.showString(n, truncate, vertical),
  );
  return answerDifferences(golden, answer, golden.expected.error ?? golden.expected.text);
}

/** Builds a DataFrame and computes something of it; an error of the first step is one of analysis. */
async function ask(build: () => AnyFrame, compute: (frame: AnyFrame) => Promise<string>): Promise<Answer> {
  let phase: 'analysis' | 'runtime' = 'analysis';
  try {
    const frame = build();
    phase = 'runtime';
    return { text: await compute(frame) };
  } catch (error) {
    return { error, phase };
  }
}

function answerDifferences(golden: Json, answer: Answer, expected: string): string[] {
  const condition: string | undefined = golden.expected.error;
  if (condition === undefined) {
    if ('error' in answer) return [`expected: ${expected}`, `got:      ${errorText(answer.error)}`];
    return answer.text === expected ? [] : [`expected: ${expected}`, `got:      ${answer.text}`];
  }
  const wanted = `expected: the error ${condition}${golden.phase === undefined ? '' : ` (${golden.phase})`}`;
  if (!('error' in answer)) return [wanted, `got:      ${answer.text}`];
  const isRight = isAnyErrorRight(condition) ? !isBroken(answer.error) : (answer.error as MillraceError)?.code === condition;
  const isInTime = golden.phase === undefined || isAnyErrorRight(condition) || golden.phase === answer.phase;
  return isRight && isInTime ? [] : [wanted, `got:      ${errorText(answer.error)} (${answer.phase})`];
}

/** Where Spark lets a bare Java exception through, or raises one of two by how it runs, any error is right. */
function isAnyErrorRight(condition: string): boolean {
  return condition.startsWith('JAVA:') || condition === 'INVALID_PARAMETER_VALUE.PATTERN';
}

/** Errors of millrace itself are never right. */
function isBroken(error: unknown): boolean {
  return !(error instanceof MillraceError) || error.domain === 'internal';
}

function typeDifferences(golden: Json, types: readonly string[]): string[] {
  const [type] = types;
  if (type === undefined || golden.type === undefined || golden.type === null || type === golden.type) return [];
  return [`type expected: ${golden.type}`, `type got:      ${type}`];
}

/** The rows as one line each; sorted where the query leaves their order open. */
function rowsText(golden: Json, rows: readonly Json[], fields: readonly Json[]): string {
  const { unordered = [], loose = [], ordered = false } = golden;
  const lines = rows.map((row: Json[]) =>
    fields
      .map(({ name, type }, at) => {
        if (loose.includes(name)) return '(any)';
        return valueText(row[at], type, unordered.includes(name) ? 'sorted' : 'as it is');
      })
      .join(' | '),
  );
  return (ordered ? lines : lines.sort()).map((line) => `\n      ${line}`).join('');
}

function rowsOf(batch: Json, fields: readonly Json[]): Json[][] {
  return Array.from({ length: batch.numRows }, (_, row) => fields.map(({ type }, at) => resultValue(batch.columnAt(at), row, type)));
}

const SCHEMA_KEYS = [
  'name',
  'type',
  'elementType',
  'containsNull',
  'keyType',
  'valueType',
  'valueContainsNull',
  'fields',
  'nullable',
  'metadata',
];

/** A schema as one text: keys in one order, and without the marks that Spark's analyzer leaves for itself. */
function schemaText(schema: Json): string {
  return JSON.stringify(schema, (key, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    if (key === 'metadata') return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('__')));
    return Object.fromEntries(SCHEMA_KEYS.filter((name) => name in value).map((name) => [name, value[name]]));
  });
}

function inputFrame(session: Session, ddl: string, rows: readonly Json[][]): AnyFrame {
  let type = rowTypes.get(ddl);
  if (type === undefined) {
    type = session.createDataFrame([], ddl as string).schema;
    rowTypes.set(ddl, type);
  }
  const values = rows.map((row) => type.fields.map((field: Json, at: number) => inputValue(row[at], field.type)));
  return session.createDataFrame(values, type);
}

function sessionOf({ ansi, timeZone, conf = {} }: Json): Session {
  const key = JSON.stringify([ansi, timeZone, conf]);
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = Session.create({ timeZone, conf: { 'spark.sql.ansi.enabled': ansi, ...conf } });
  sessions.set(key, session);
  return session;
}

function errorText(error: unknown): string {
  return String((error as Error)?.message ?? error).slice(0, 300);
}
