// npm run conformance -- streaming DIR [FAMILY...]: replays vectors through the product; closes with `N passed, N failed`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStreamingCase } from './streaming-case.ts';

const [kind, directory, ...families] = process.argv.slice(2);
if (kind !== 'streaming' || directory === undefined) {
  console.error('usage: npm run conformance -- streaming DIR [FAMILY...]');
  process.exit(2);
}
const report: string[] = [];
let passed = 0;
let failed = 0;
for (const file of readdirSync(directory).filter((name) => name.endsWith('.jsonl')).sort()) {
  const family = file.replace('.jsonl', '');
  if (families.length > 0 && !families.includes(family)) continue;
  let right = 0;
  let wrong = 0;
  for (const line of readFileSync(join(directory, file), 'utf8').split('\n').filter(Boolean)) {
    const golden = JSON.parse(line);
    const { differences } = await runStreamingCase(golden);
    if (differences.length === 0) right += 1;
    else {
      wrong += 1;
      report.push(`${golden.id} ${golden.title ?? ''}`, ...differences.map((difference) => `  ${difference}`));
    }
  }
  console.log(`${family.padEnd(12)} ${right} passed, ${wrong} failed`);
  passed += right;
  failed += wrong;
}
writeFileSync('conformance-report.txt', `${report.join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
