// What a batch writes into a variable, on its way to the native store.

/** Entries in the order of their groups. */
export interface VariableWrites {
  readonly groups: readonly number[];
  /** Whether the value takes the place of all that was held; else it comes beside it. */
  readonly replaces: readonly boolean[];
  /** null clears. */
  readonly values: readonly unknown[];
}
