// Bits in Arrow's order: one a row, least significant bit first.

/** Whether bit `index` is set. */
export function bitAt(bits: Uint8Array, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}
