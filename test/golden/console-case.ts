// One console vector: the text that each step prints. Spark's order of groups is that of a hash, so rows are compared as a set.
import { MemoryStream, Session, schema } from 'millrace';
import { toDataFrame } from './query-tree.ts';

type Json = any;

/** Replays a case whose sink is the console; tells what differs from Spark. */
export async function runConsoleCase(golden: Json): Promise<string[]> {
  const differences: string[] = [];
  const session = Session.create({ timeZone: golden.config?.timeZone ?? 'UTC', conf: golden.config?.conf ?? {} });
  const [source] = golden.sources;
  const stream = new MemoryStream<any>(session, schema(Object.fromEntries(source.schema)) as never);
  const frame = toDataFrame(golden.query, () => stream.toDF());
  const writer = frame.writeStream.format('console').outputMode(golden.outputMode);
  for (const [name, value] of Object.entries<string>(golden.sink.options ?? {})) writer.option(name, value);
  const query = await writer.start();
  try {
    for (const [number, step] of golden.steps.entries()) {
      const names = source.schema.map(([name]: [string]) => name);
      const rows = step.input[source.name].map((row: Json[]) => Object.fromEntries(row.map((value, index) => [names[index], value])));
      const text = await printedBy(async () => {
        stream.addData(...rows);
        await query.processAllAvailable();
      });
      if (asSet(text) !== asSet(step.console)) differences.push(`step ${number}: expected\n${step.console}got\n${text}`);
    }
  } finally {
    await query.stop();
  }
  return differences;
}

/** What is written to standard output meanwhile. */
async function printedBy(work: () => Promise<void>): Promise<string> {
  const write = process.stdout.write;
  let text = '';
  process.stdout.write = ((chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  }) as typeof write;
  try {
    await work();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

/** The text with the rows of each table in one order: rules and headers stay where they are. */
function asSet(text: string): string {
  const tables = text.split(/(?<=\n)(?=-{43}\nBatch)/);
  return tables.map((table) => tableAsSet(table.split('\n'))).join('');
}

function tableAsSet(lines: string[]): string {
  const rules = lines.flatMap((line, index) => (line.startsWith('+') ? [index] : []));
  const [, head = 0, foot = 0] = rules;
  return [...lines.slice(0, head + 1), ...lines.slice(head + 1, foot).sort(), ...lines.slice(foot)].join('\n');
}
