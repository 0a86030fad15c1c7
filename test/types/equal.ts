// Statements about types that the compiler checks.

/** Whether two types are the same, not just assignable to each other. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where the argument is `true`: `expectType<Equal<A, B>>()`. */
export function expectType<_Statement extends true>(): void {}
