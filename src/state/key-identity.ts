// What makes two JavaScript values the same key: their contents, as SQL compares them.

/** Two keys are the same where this is: a value of a simple type, or the text of a row, a list or a time. */
export function keyIdentity(key: unknown): unknown {
  if (typeof key === 'number') return Object.is(key, -0) ? 0 : key;
  if (typeof key !== 'object' || key === null) return key;
  if (key instanceof Date) return `time ${key.getTime()}`;
  return `object ${JSON.stringify(key, (_, part) => identityText(part))}`;
}

/** Parts that JSON has no text for, or the text of another type. */
function identityText(part: unknown): unknown {
  if (typeof part === 'bigint') return `bigint ${part}`;
  if (part instanceof Uint8Array) return `bytes ${Buffer.from(part).toString('base64')}`;
  return part;
}
