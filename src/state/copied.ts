// A value that changes no more when the program changes the object that it gave.

/** A copy of a row or a list of values, one level deep; other values are what they are. */
export function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.slice();
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? { ...value } : value;
}
