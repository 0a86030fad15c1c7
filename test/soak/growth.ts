// How much a quantity grows over a run: the straight line through its samples, by least squares.

/** The mean of samples, and by which share of it the line through them rises from the first to the last. */
export interface Growth {
  readonly mean: number;
  readonly share: number;
}

export function growth(samples: readonly number[]): Growth {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const spread = samples.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = samples.reduce((sum, sample, at) => sum + (at - middle) * (sample - mean), 0) / spread;
  return { mean, share: (slope * (samples.length - 1)) / mean };
}
