// Parsing: lines of JSON through from_json, texts through to_timestamp, each beside the hand-over of the same texts.
import { type Column, col, fromJson, schema, toTimestamp } from 'millrace';
import { emptyTrade, minuteText, type Trade, TradeGenerator, tradeLine } from '../data/trades.ts';
import { ColumnQuery, expectEqual } from '../harness/column-query.ts';
import { type Case, stageBench } from '../harness/stage-bench.ts';

const ROWS = 65_536;
const MINUTE_MS = 60_000;
const Text = schema({ value: 'string' });
const TRADE = 'id STRING, type STRING, amount INT, time STRING';

const generator = new TradeGenerator(ROWS);
const trades = Array.from({ length: ROWS }, (_, index) => {
  const trade = emptyTrade();
  generator.read(index, trade);
  return trade;
});
const lines = trades.map(tradeLine);
/** 7,919 is a prime: all of them, each far from its neighbours. */
const scattered = trades.map((_, index) => trades[(index * 7_919) % ROWS] as Trade);

/** Runs one expression over texts; `check` looks at the whole first batch. */
function overTexts(
  name: string,
  texts: readonly string[],
  expression: Column<any, any>,
  check: (values: ReturnType<typeof readColumn>) => void,
): () => Case {
  return () => {
    const query = new ColumnQuery(Text, (input) => input.select(expression.alias('found')), 'append');
    const input = query.encode({ value: texts });
    return {
      name,
      unit: 'row',
      units: ROWS,
      check: () => check(readColumn(query, input)),
      run: () => {
        query.begin();
        query.map(input);
      },
      close: () => query.close(),
    };
  };
}

function readColumn(query: ColumnQuery<any>, input: ReturnType<ColumnQuery<any>['encode']>) {
  const batch = query.batch(input);
  expectEqual(batch.numRows, ROWS, 'rows');
  return batch.column('found');
}

function fromJsonCase(name: string, texts: readonly string[], expected: readonly Trade[] = trades): () => Case {
  return overTexts(name, texts, fromJson(col('value'), TRADE), (values) => {
    expected.forEach((trade, row) => {
      expectEqual(JSON.stringify(values.get(row)), tradeLine(trade), `row ${row}`);
    });
  });
}

function toTimestampCase(name: string, texts: readonly string[], expression: Column<any>, expected: readonly Trade[]): () => Case {
  return overTexts(name, texts, expression, (values) => {
    expected.forEach(({ minute }, row) => {
      expectEqual((values.get(row) as Date).getTime(), minute * MINUTE_MS, `row ${row}`);
    });
  });
}

/** The same trade with its keys in another order. */
function turned(line: string, row: number): string {
  if (row % 2 === 0) return line;
  const { time, amount, type, id } = JSON.parse(line);
  return JSON.stringify({ time, amount, type, id });
}

const isoText = ({ minute }: Trade) => new Date(minute * MINUTE_MS).toISOString().slice(0, 19).replace('T', ' ');
const pattern = toTimestamp(col('value'), 'dd-MM-yyyy-HH-mm');

await stageBench('micro/parse', [
  overTexts('72-byte lines handed over, not parsed', lines, col('value'), (values) => {
    lines.forEach((line, row) => {
      expectEqual(values.get(row), line, `row ${row}`);
    });
  }),
  fromJsonCase('from_json of them, 4 fields', lines),
  fromJsonCase(
    'from_json, single quotes',
    lines.map((line) => line.replaceAll('"', "'")),
  ),
  fromJsonCase('from_json, two orders of keys in turn', lines.map(turned)),
  fromJsonCase(
    'from_json, an escape in each line',
    lines.map((line) => line.replace('acct', '\\u0061cct')),
  ),
  toTimestampCase(
    'to_timestamp by dd-MM-yyyy-HH-mm, times that ascend',
    trades.map(({ minute }) => minuteText(minute)),
    pattern,
    trades,
  ),
  toTimestampCase(
    'to_timestamp by dd-MM-yyyy-HH-mm, scattered times',
    scattered.map(({ minute }) => minuteText(minute)),
    pattern,
    scattered,
  ),
  toTimestampCase('to_timestamp without a pattern, scattered times', scattered.map(isoText), toTimestamp(col('value')), scattered),
]);
