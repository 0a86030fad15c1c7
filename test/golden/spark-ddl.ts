// Types as Spark's DataType.sql writes them: the form in which the scalar vectors name result types.

type Json = any;

const NAMES: Readonly<Record<string, string>> = { byte: 'TINYINT', short: 'SMALLINT', integer: 'INT', long: 'BIGINT' };

/** `STRUCT<a: INT, b: ARRAY<STRING>>` of a type in Spark's JSON form. */
export function ddlText(type: Json): string {
  if (typeof type === 'string') return NAMES[type] ?? type.toUpperCase();
  switch (type.type) {
    case 'struct':
      return `STRUCT<${type.fields.map(fieldText).join(', ')}>`;
    case 'array':
      return `ARRAY<${ddlText(type.elementType)}>`;
    case 'map':
      return `MAP<${ddlText(type.keyType)}, ${ddlText(type.valueType)}>`;
    default:
      return JSON.stringify(type);
  }
}

function fieldText({ name, type, nullable, metadata }: Json): string {
  // Spark quotes names that are no identifiers, and those of digits alone.
  const quoted = /^\w+$/.test(name) && !/^\d+$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
  const comment = metadata?.comment === undefined ? '' : ` COMMENT '${metadata.comment.replaceAll("'", "\\'")}'`;
  return `${quoted}: ${ddlText(type)}${nullable ? '' : ' NOT NULL'}${comment}`;
}
