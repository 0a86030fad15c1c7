// docs/guide/configurations.md: schema/config.toml as a table.
import { code, page, table } from './markdown.mjs';
import { RATES_NOTE, rateOf, rateText } from './rates.mjs';

export function configurationsPage(configurations, rates) {
  const entries = Object.entries(configurations).sort(([left], [right]) => (left < right ? -1 : 1));
  const section = (title, prefix) =>
    `## ${title}\n\n${table(
      ['name', 'default', 'type', 'what it does', 'vectors'],
      entries
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, entry]) => [
          code(name),
          code(String(entry.default)),
          entry.type,
          entry.doc,
          rateText(rateOf(rates, 'configurations', name)),
        ]),
    )}`;
  return page(
    'Configurations',
    `Set with \`Session.create({ conf: { name: value } })\`, \`session.conf.set(name, value)\`; a query keeps what held when it started. Names that this ` +
      `version does not know are refused with CONFIG_UNKNOWN. ${RATES_NOTE}`,
    [section("Spark's", 'spark.'), section("millrace's own", 'millrace.')],
  );
}
