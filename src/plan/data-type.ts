// SQL types as Spark writes them in JSON, and the two texts made of them: simpleString() and printSchema()'s tree.

/** Name of an atomic type in Spark's JSON: `integer`, `long`, `string`, `decimal(10,2)`, `timestamp`, ... */
export type AtomicTypeName = string;

/** A SQL type in Spark's JSON form. */
export type DataType = AtomicTypeName | StructType | ArrayType | MapType;

/** A field of a struct, or a column of a DataFrame. */
export interface StructField {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A struct type: the row type of a DataFrame is one. Spark counterpart: `StructType.json()`. */
export interface StructType {
  readonly type: 'struct';
  readonly fields: readonly StructField[];
}

/** An array type. */
export interface ArrayType {
  readonly type: 'array';
  readonly elementType: DataType;
  readonly containsNull: boolean;
}

/** A map type; keys are never null. */
export interface MapType {
  readonly type: 'map';
  readonly keyType: DataType;
  readonly valueType: DataType;
  readonly valueContainsNull: boolean;
}

/** Types whose name in JSON is not their name in SQL. */
const SQL_NAMES: Readonly<Record<string, string>> = { byte: 'tinyint', short: 'smallint', integer: 'int', long: 'bigint' };

/**
 * A type as SQL text without spaces, such as `struct<id:string,amount:int>`.
 * Spark counterpart: `DataType.simpleString`, without its cut after 25 fields.
 */
export function simpleString(dataType: DataType): string {
  const parts: string[] = [];
  // An explicit stack, because types nest as deep as their author likes: text is copied, types are taken apart.
  const pending: ({ readonly text: string } | { readonly dataType: DataType })[] = [{ dataType }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) {
      parts.push(next.text);
    } else if (typeof next.dataType === 'string') {
      parts.push(SQL_NAMES[next.dataType] ?? next.dataType);
    } else {
      pending.push({ text: '>' });
      pending.push(...childrenInText(next.dataType).reverse());
      parts.push(`${next.dataType.type}<`);
    }
  }
  return parts.join('');
}

function childrenInText(dataType: StructType | ArrayType | MapType): ({ text: string } | { dataType: DataType })[] {
  switch (dataType.type) {
    case 'struct':
      return dataType.fields.flatMap((field, at) => [{ text: `${at === 0 ? '' : ','}${field.name}:` }, { dataType: field.type }]);
    case 'array':
      return [{ dataType: dataType.elementType }];
    case 'map':
      return [{ dataType: dataType.keyType }, { text: ',' }, { dataType: dataType.valueType }];
  }
}

/**
 * The schema as the tree that `printSchema()` prints, with a line feed after each line.
 * Spark counterpart: `StructType.treeString`.
 *
 * ```text
 * root
 *  |-- id: string (nullable = true)
 *  |-- amount: integer (nullable = true)
 * ```
 */
export function treeString(schema: StructType): string {
  const lines = ['root'];
  const pending: TreeLine[] = treeChildren(schema, ' |').reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const typeName = typeof next.dataType === 'string' ? next.dataType : next.dataType.type;
    lines.push(`${next.prefix}-- ${next.name}: ${typeName}${next.remark}`);
    pending.push(...treeChildren(next.dataType, `${next.prefix}    |`).reverse());
  }
  return `${lines.join('\n')}\n`;
}

interface TreeLine {
  readonly prefix: string;
  readonly name: string;
  readonly dataType: DataType;
  readonly remark: string;
}

function treeChildren(dataType: DataType, prefix: string): TreeLine[] {
  if (typeof dataType === 'string') return [];
  switch (dataType.type) {
    case 'struct':
      return dataType.fields.map((field) => ({
        prefix,
        name: field.name,
        dataType: field.type,
        remark: ` (nullable = ${field.nullable})`,
      }));
    case 'array':
      return [{ prefix, name: 'element', dataType: dataType.elementType, remark: ` (containsNull = ${dataType.containsNull})` }];
    case 'map':
      return [
        { prefix, name: 'key', dataType: dataType.keyType, remark: '' },
        { prefix, name: 'value', dataType: dataType.valueType, remark: ` (valueContainsNull = ${dataType.valueContainsNull})` },
      ];
  }
}
