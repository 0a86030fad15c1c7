// What columns files have: found by looking into them, with those that the names of their folders have behind them.
import { type Conf, confBoolean } from '../engine/conf-values.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { FileFormat } from './file.js';
import { fileChoice, listFilesNow } from './file-listing.js';
import { partitionColumns } from './partition-columns.js';
import { optionBoolean, optionText } from './source-option.js';

/**
 * The columns of a reader of files, as the plan has them. `given` is DDL or JSON of those that the user names; without it the files are looked into. Throws UNABLE_TO_INFER_SCHEMA,
 * PATH_NOT_FOUND, FILE_READ_FAILED.
 */
export function fileSchema(
  format: FileFormat,
  path: string,
  given: string | null,
  options: Readonly<Record<string, string>>,
  conf: Conf,
): string {
  const choice = fileChoice(path, options);
  const paths = listFilesNow(choice).map((file) => file.path);
  const infersTypes = confBoolean(conf, 'spark.sql.sources.partitionColumnTypeInference.enabled');
  // Spark looks for no partitions where files are looked up in all folders.
  const isFlat = optionBoolean(options, 'recursiveFileLookup') ?? false;
  const partitions = isFlat ? [] : partitionColumns(choice.partitionRoot, paths, infersTypes);
  const merges = optionText(options, 'mergeSchema') ?? conf['spark.sql.parquet.mergeSchema'] ?? 'false';
  const infer = () =>
    native.inferSchema(format, JSON.stringify(paths), JSON.stringify({ ...options, mergeSchema: merges }), JSON.stringify(conf));
  const found = given ?? infer();
  if (partitions.length === 0) return found;
  const { fields } = JSON.parse(native.parseDdl(found)) as StructType;
  const names = new Set(fields.map((field) => field.name.toLowerCase()));
  const added = partitions.filter((field) => !names.has(field.name.toLowerCase()));
  return JSON.stringify({ type: 'struct', fields: [...fields, ...added] });
}
