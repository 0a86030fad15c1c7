// A plan as the JSON text that crosses to Rust.
import type { Expression, Relation } from './nodes.generated.js';

/**
 * The JSON text of a plan; fields that are absent are left out. It walks with a stack of its own: a query built in a loop may nest
 * deeper than JSON.stringify can follow.
 */
export function planToJson(plan: Relation | Expression): string {
  const parts: string[] = [];
  const pending: ({ readonly text: string } | { readonly value: unknown })[] = [{ value: plan }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) {
      parts.push(next.text);
      continue;
    }
    const { value } = next;
    if (typeof value !== 'object' || value === null) {
      parts.push(JSON.stringify(value));
    } else if (Array.isArray(value)) {
      parts.push('[');
      pending.push({ text: ']' });
      for (let at = value.length - 1; at >= 0; at -= 1) {
        pending.push({ value: value[at] });
        if (at > 0) pending.push({ text: ',' });
      }
    } else {
      parts.push('{');
      pending.push({ text: '}' });
      const entries = Object.entries(value).filter(([, field]) => field !== undefined);
      for (let at = entries.length - 1; at >= 0; at -= 1) {
        const [name, field] = entries[at] as [string, unknown];
        pending.push({ value: field }, { text: `${at > 0 ? ',' : ''}${JSON.stringify(name)}:` });
      }
    }
  }
  return parts.join('');
}
