// The product's side of scripted-groups.ts: does what rows say, by the API that programs have. Worker threads load it as it stands.

export function handleInputRows(k, rows, { state, timers }) {
  return Array.from(rows, ({ op, n, mode }) => {
    instruct({ op, n, mode }, state, timers);
    return { k, what: look(state, mode === 'none' ? [] : timers.listTimers()) };
  });
}

export function handleExpiredTimer(k, { expiryMs }, { state, timers }) {
  return [{ k, what: `due ${expiryMs} ${look(state, timers.listTimers())}` }];
}

function instruct({ op, n, mode }, { value, list, map }, timers) {
  switch (op) {
    case 'value set':
      return value.update(n);
    case 'value clear':
      return value.clear();
    case 'list append':
      return list.append(n);
    case 'list put':
      return list.put([n, n]);
    case 'list clear':
      return list.clear();
    case 'map set':
      return map.updateValue(n % 3, n);
    case 'map remove':
      return map.removeKey(n % 3);
    case 'map clear':
      return map.clear();
    case 'timer set':
      return timers.registerTimer((mode === 'eventTime' ? timers.getCurrentWatermarkMs() : timers.getCurrentProcessingTimeMs()) + n * 1000);
    case 'timer delete': {
      const [first] = timers.listTimers();
      return first === undefined ? undefined : timers.deleteTimer(first);
    }
  }
}

function look({ value, list, map }, times) {
  const entries = [...map.iterator()].map(([key, held]) => `${key}=${held}`);
  return `${value.exists() ? value.get() : null} [${list.get()}] {${entries.sort()}} ${times}`;
}

/** For flatMapGroupsWithState. */
export default function (k, rows, state) {
  const held = () => String(state.getOption());
  if (state.hasTimedOut) {
    const what = `due ${held()}`;
    if ((state.getOption() ?? 1) % 2 !== 0) state.remove();
    return [{ k, what }];
  }
  return Array.from(rows, ({ op, n, mode }) => {
    if (op === 'set') state.update(n);
    if (op === 'remove') state.remove();
    if (op === 'timeout' && mode === 'eventTime') state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + n * 1000);
    if (op === 'timeout' && mode === 'processingTime') state.setTimeoutDuration(n * 1000);
    return { k, what: held() };
  });
}
