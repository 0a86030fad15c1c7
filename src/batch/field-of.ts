// Fields of the program's rows and structs: objects by name, arrays by position.

/** Whether a property of the name is a field of whatever has it: what every object has (`toString`, `__proto__`) is one only where an object has it itself. */
export function isOrdinaryName(name: string): boolean {
  return !(name in Object.prototype);
}

/** A field of an object; undefined where there is none. Class instances may answer with getters of their class. */
export function fieldOf(value: object, name: string, position: number): unknown {
  if (Array.isArray(value)) return value[position];
  return isOrdinaryName(name) || Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
