// Options that Spark's files have and millrace has not: each is refused by name, where passing over it would change an answer. What neither knows is ignored,
// as by Spark.
import { optionInvalid, optionText } from './source-option.js';

/** An option that is refused, but for the values under which it changes nothing. */
interface MissingOption {
  readonly name: string;
  /** The values that are taken; none where it is not given. */
  readonly harmless?: RegExp;
}

const VARIANT: MissingOption = { name: 'singleVariantColumn' };
const TIMES: MissingOption = { name: 'timeFormat' };
/** Dates before 1582 as Spark 2 and Hive wrote them. */
const REBASES: readonly MissingOption[] = ['datetimeRebaseMode', 'int96RebaseMode'].map((name) => ({
  name,
  harmless: /^(exception|corrected)$/i,
}));

const READ: Readonly<Record<string, readonly MissingOption[]>> = {
  text: [],
  json: [VARIANT, TIMES],
  csv: [VARIANT, TIMES, { name: 'unescapedQuoteHandling', harmless: /^stop_at_delimiter$/i }],
  parquet: REBASES,
};

const WRITTEN: Readonly<Record<string, readonly MissingOption[]>> = {
  text: [],
  json: [TIMES],
  csv: [TIMES, { name: 'extension', harmless: /^csv$/ }],
  parquet: [],
};

/** Refuses what is missing of a format's options, and a share of records to infer types from that is none. Throws OPTION_INVALID. */
export function refuseMissingOptions(use: 'read' | 'written', format: string, options: Readonly<Record<string, string>>): void {
  for (const { name, harmless } of (use === 'read' ? READ : WRITTEN)[format] ?? []) {
    const value = optionText(options, name);
    if (value === undefined || harmless?.test(value.trim())) continue;
    throw optionInvalid(name, value, `Spark has it for ${format}, this version has not`);
  }
  // All records are looked at, whatever the share: types found in a part may not be those of the rest.
  const ratio = use === 'read' && format !== 'text' ? optionText(options, 'samplingRatio') : undefined;
  if (ratio !== undefined && !(Number(ratio) > 0))
    throw optionInvalid('samplingRatio', ratio, `samplingRatio (${ratio}) should be greater than 0`);
}
