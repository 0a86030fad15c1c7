// The arithmetic of bench/peers: which runs count, what the figures are, which results are refused, and that charts are documents.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { barChart } from '../../bench/harness/bar-chart.ts';
import { lineChart } from '../../bench/harness/line-chart.ts';
import { type Run, summaryOf, tableOf } from '../../bench/peers/figures.ts';
import { measure } from '../../bench/peers/measured-run.ts';
import { type Check, checkResult, ResultRows } from '../../bench/peers/result-check.ts';
import { recordCount, type Size, workloadsNamed } from '../../bench/peers/workloads.ts';

const RIGHT: Check = { right: true, rows: 1, referenceRows: 1, wrongRows: 0, repeatedRows: 0 };
const WRONG: Check = { ...RIGHT, right: false, wrongRows: 1 };

function run(size: Size, wallSeconds: number, cpuSeconds: number, more: Partial<Run> = {}): Run {
  const records = { tiny: 10_000, M: 1_000_000, L: 4_000_000 }[size];
  return { peer: 'millrace', size, pass: 0, records, wallSeconds, cpuSeconds, peakRssMiB: 100, check: RIGHT, ...more };
}

function rowsOf(...lines: readonly string[]): ResultRows {
  const rows = new ResultRows();
  for (const line of lines) rows.add(line);
  return rows;
}

describe('figures of a peer', () => {
  it('leave the start out of the rate and of the CPU time', () => {
    const summary = summaryOf('millrace', [run('L', 2.5, 4.5), run('M', 1, 1.5), run('tiny', 0.4, 0.5)]);
    assert.equal(summary.steadyRate, 2_000_000);
    assert.equal(summary.cpuPerMillion, 1);
    assert.equal(summary.startedRate, 1_600_000);
    assert.equal(summary.coldStartSeconds, 0.4);
    assert.equal(summary.differenceShare, 0.6);
  });

  it('take together only runs of one pass, and their median', () => {
    const slow = [run('L', 20, 1, { pass: 1 }), run('M', 17, 0.5, { pass: 1 })];
    const fast = [run('L', 2, 1), run('M', 1, 0.5)];
    const middle = [run('L', 4, 1, { pass: 2 }), run('M', 2, 0.5, { pass: 2 })];
    assert.equal(summaryOf('millrace', [...slow, ...fast, ...middle]).steadyRate, 1_500_000);
  });

  it('count no run whose result is wrong or that failed', () => {
    const runs = [run('L', 0.1, 0.1, { check: WRONG }), run('M', 0.05, 0.05), run('L', 0.2, 0.1, { check: null, pass: 1 })];
    const summary = summaryOf('millrace', runs);
    assert.equal(summary.steadyRate, null);
    assert.equal(summary.startedRate, null);
    assert.deepEqual([summary.wrongRuns, summary.failedRuns], [1, 1]);
    assert.equal(tableOf([summary])[0]?.['M records/s'], '-');
  });

  it('are none where the larger run was not the longer one', () => {
    const summary = summaryOf('millrace', [run('L', 1, 1), run('M', 1.1, 0.7)]);
    assert.equal(summary.steadyRate, null);
    assert.equal(summary.cpuPerMillion, 0.1);
  });

  it('stand in a table by rate, as ratios to millrace', () => {
    const other = [run('L', 1.5, 1, { peer: 'other' }), run('M', 0.75, 0.5, { peer: 'other' })];
    const rows = tableOf([summaryOf('millrace', [run('L', 4, 1), run('M', 1, 0.5)]), summaryOf('other', other)]);
    assert.deepEqual(
      rows.map((row) => [row['peer'], row['M records/s'], row['to millrace']]),
      [
        ['other', 4, 4],
        ['millrace', 1, 1],
      ],
    );
  });
});

describe('a result', () => {
  const reference = rowsOf('0,a,1,2', '300000,b,3,4');

  it('is right in any order, quoted or not, without the record that moves the watermark', () => {
    const found = rowsOf('w,id,s,n', '300000,"b",3,4', '0,a,1,2', '1767398400000,flush,1,1');
    assert.deepEqual(found.against(reference), { right: true, rows: 2, referenceRows: 2, wrongRows: 0, repeatedRows: 0 });
  });

  it('is wrong with a figure that differs, a row too few or a row too many', () => {
    assert.equal(rowsOf('0,a,1,2', '300000,b,3,5').against(reference).right, false);
    assert.equal(rowsOf('0,a,1,2').against(reference).wrongRows, 1);
    const extra = rowsOf('0,a,1,2', '300000,b,3,4', '0,c,1,1').against(reference);
    assert.deepEqual([extra.right, extra.example], [false, '0,c: found, not expected']);
  });

  it('has each window and key once, but for engines that emit updates', () => {
    const updates = rowsOf('0,a,0,1', '0,a,1,2', '300000,b,3,4');
    assert.equal(updates.against(reference).right, false);
    assert.equal(updates.against(reference, true).right, true);
  });

  it('is never right against nothing', () => {
    assert.equal(rowsOf().against(rowsOf()).right, false);
  });

  it('may be the shares of a check sum', () => {
    assert.equal(rowsOf('P,2,10', 'P,3,5').against(rowsOf('0,check,5,15')).right, true);
  });

  it('is read from a file or from what tasks left in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'));
    try {
      mkdirSync(join(folder, 'day'));
      writeFileSync(join(folder, 'day', 'part-0-0'), '0,a,1,2\n');
      writeFileSync(join(folder, 'r.csv'), '300000,b,3,4\r\n');
      writeFileSync(join(folder, '.r.csv.crc'), '9,9,9\n');
      const expected = join(folder, 'day', 'expected');
      writeFileSync(expected, 'w,id,s,n\n0,a,1,2\n300000,b,3,4\n');
      assert.equal((await checkResult(folder, expected)).right, true);
      assert.equal((await checkResult(join(folder, 'r.csv'), expected)).right, false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a large result', () => {
  const lines = Array.from({ length: 40 }, (_, nth) => `${nth * 2000},key,${nth}`);
  const texts = {
    whole: lines,
    'with another figure': [...lines.slice(1), '0,key,7'],
    'a row short': lines.slice(1),
    'with a row too many': [...lines, '0,other,1'],
    'with a row twice': [...lines, '0,key,0'],
  };

  for (const [name, found] of Object.entries(texts)) {
    it(`is judged part by part as it is at once: ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'));
      try {
        const [result, reference] = [join(folder, 'result'), join(folder, 'reference')];
        writeFileSync(result, `${found.join('\n')}\n`);
        writeFileSync(reference, `${lines.join('\n')}\n`);
        const atOnce = await checkResult(result, reference);
        assert.equal(atOnce.right, name === 'whole');
        assert.deepEqual(await checkResult(result, reference, false, 10), atOnce);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});

describe('a measured run', () => {
  const busy = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end); console.log("PEER {}");';

  it('counts the CPU time of children, and keeps what was printed', async () => {
    const parent = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(busy)}], { stdio: 'inherit' })`;
    const measured = await measure({ program: process.execPath, words: ['-e', parent] }, '/dev/null', 60);
    assert.equal(measured.exitCode, 0);
    assert.equal(measured.output, 'PEER {}\n');
    assert.ok(measured.cpuSeconds >= 0.3 && measured.cpuSeconds < 10, `${measured.cpuSeconds} CPU s`);
    assert.ok(measured.wallSeconds >= 0.3, `${measured.wallSeconds} s`);
    assert.ok(measured.peakRssMiB > 10, `${measured.peakRssMiB} MiB`);
  });

  it('ends what takes too long, and tells exit codes', async () => {
    const late = await measure({ program: process.execPath, words: ['-e', 'setTimeout(() => {}, 60_000)'] }, '/dev/null', 0.5);
    assert.equal(late.exitCode, null);
    const failed = await measure({ program: process.execPath, words: ['-e', 'process.exit(3)'] }, '/dev/null', 60);
    assert.equal(failed.exitCode, 3);
  });
});

describe('workloads', () => {
  it('are named alone or by what they begin with', () => {
    assert.deepEqual(
      workloadsNamed(['W3', 'W1']).map(({ name }) => name),
      ['W1', 'W3-q5counts', 'W3-q5', 'W3-q7', 'W3-q8', 'W3-q11', 'W3-q12'],
    );
  });

  it('grow with the scale, but for the start', () => {
    assert.deepEqual(
      [recordCount('W1', 'M', 10), recordCount('W1', 'L', 10), recordCount('W4', 'tiny', 10)],
      [10_000_000, 40_000_000, 10_000],
    );
  });
});

describe('charts', () => {
  const charts = {
    bars: barChart('a & b', [{ title: '<rates>', bars: [bar('one', 2), bar('none', null), bar('zero', 0)] }]),
    lines: lineChart({
      title: 'rows & keys',
      xLabel: 'keys',
      yLabel: 'M rows/s',
      isLogX: true,
      lines: [{ label: 'a < b', points: [point(10, 3), point(1000, 0)] }],
    }),
  };

  function bar(label: string, value: number | null) {
    return { label, value, text: `${value}` };
  }

  function point(x: number, y: number) {
    return { x, y };
  }

  for (const [name, chart] of Object.entries(charts)) {
    it(`of ${name} are well-formed and hold numbers only`, () => {
      assertWellFormed(chart);
      assert.doesNotMatch(chart, /NaN|Infinity|undefined/);
      assert.match(chart, /&amp;/);
    });
  }
});

/** Tags close in the order in which they open, attributes are quoted, and no text holds a bare ampersand. */
function assertWellFormed(text: string): void {
  const open: string[] = [];
  for (const [, closing, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  assert.deepEqual(open, []);
  const outside = text.replace(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '');
  assert.doesNotMatch(outside, /[<>]|&(?!(?:amp|lt|gt|quot);)/);
}
