// Which columns of a DataFrame the Kafka sink writes, and Spark's checks of their types.
import { MillraceError } from '../../error/millrace-error.js';
import { type DataType, type StructType, simpleString } from '../../plan/data-type.js';

/** Positions of the columns; -1 where there is none. Others are not written. */
export interface SinkColumns {
  readonly topic: number;
  readonly key: number;
  readonly value: number;
  readonly headers: number;
  readonly partition: number;
}

const HEADERS = 'array<struct<key:string,value:binary>>';

/**
 * Finds the columns by their names, upper and lower case told apart; of equal names the first counts. `hasTopic`: the option `topic` says
 * where rows go, whatever the column. Throws _LEGACY_ERROR_TEMP_3080.
 */
export function sinkColumns({ fields }: StructType, hasTopic: boolean): SinkColumns {
  const find = (name: string, types: readonly string[]): number => {
    const position = fields.findIndex((field) => field.name === name);
    if (position >= 0) checkType(name, fields[position]?.type as DataType, types);
    return position;
  };
  const topic = hasTopic ? -1 : find('topic', ['string']);
  if (!hasTopic && topic < 0)
    throw refused("topic option required when no 'topic' attribute is present. Use the topic option for setting a topic.");
  const key = find('key', ['string', 'binary']);
  const value = find('value', ['string', 'binary']);
  if (value < 0) throw refused("Required attribute 'value' not found");
  return { topic, key, value, headers: find('headers', [HEADERS]), partition: find('partition', ['int']) };
}

/** Names of fields may be in any case, as where Spark compares types. */
function checkType(name: string, type: DataType, types: readonly string[]): void {
  const text = simpleString(type);
  if (types.includes(text.toLowerCase())) return;
  throw refused(`${name} attribute unsupported type ${text}. ${name} must be a(n) ${types.join(' or ')}`);
}

function refused(msg: string): MillraceError {
  return new MillraceError('_LEGACY_ERROR_TEMP_3080', { parameters: { msg } });
}
