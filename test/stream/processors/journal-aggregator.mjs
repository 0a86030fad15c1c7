// The functions of a list of values, as a module that worker threads load; what it can't put together is below zero.
export const zero = () => [];

export function reduce(values, value) {
  if (value < 0) throw new RangeError('below zero');
  values.push(value);
  return values;
}

export const merge = (left, right) => [...left, ...right];

export const finish = (values) => values;
