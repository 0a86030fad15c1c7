// docs/guide/missing.md: how many vectors of each family pass, and what the others want.
import { page, table } from './markdown.mjs';
import { rateText } from './rates.mjs';

/** What the families of golden vectors are, in a few words. */
const STREAMING_FAMILIES = {
  A: "the article's job",
  Aconsole: 'the same through the console sink',
  B: 'tumbling, sliding and offset windows',
  C: 'session windows',
  D: 'deduplication',
  E: 'un-windowed groups, stateless queries',
  F: 'joins',
  G: 'chained stateful operators, several watermarks',
  H: 'arbitrary state per key',
  I: 'restarts',
  Ifile: 'restarts on files',
  J: 'what is refused',
  K: 'triggers and files',
  Kkafka: 'offsets of Kafka',
  Kprogress: 'progress reports, listeners',
};

export function missingPage(rates) {
  const sections = Object.entries(rates).flatMap(([kind, { families, missing }]) => {
    const all = sum(Object.values(families));
    const rows = Object.entries(families).map(([family, rate]) => [
      kind === 'streaming' ? `${family}: ${STREAMING_FAMILIES[family] ?? ''}` : family,
      rate[0].toLocaleString('en-US'),
      rate[1].toLocaleString('en-US'),
      rateText(rate).replace(/ of .*/, ''),
    ]);
    const gaps = Object.entries(missing).flatMap(([family, groups]) =>
      Object.entries(groups).flatMap(([group, reasons]) =>
        Object.entries(reasons).map(([reason, count]) => [[family, group].filter(Boolean).join(' / '), reason, count]),
      ),
    );
    return [
      `## ${kind === 'scalar' ? 'Scalar' : 'Streaming'}: ${rateText(all)}`,
      table(['family', 'passed', 'failed', 'rate'], rows),
      `### What is missing\n\n${gaps.length === 0 ? 'Nothing that a vector asks for.' : table(['family / group', 'what comes instead', 'vectors'], gaps)}`,
    ];
  });
  return page(
    'What passes, what is missing',
    'Real Spark 4.3 answered every vector of these families; millrace replays them through its public API, and a vector passes where rows, types, ' +
      'errors, watermarks and state counts are the same. A refusal is told by its error; "another answer" is a value, a type or an error that differs. ' +
      'Recorded by `npm run conformance -- scalar DIR --record docs/guide/pass-rates.json` and `npm run conformance -- streaming DIR --record ' +
      'docs/guide/pass-rates.json`.',
    sections,
  );
}

function sum(rates) {
  return rates.reduce(([passed, failed], [more, fewer]) => [passed + more, failed + fewer], [0, 0]);
}
