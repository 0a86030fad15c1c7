// What names of functions in SQL text stand for is put beside the text, when a DataFrame is made of it: a function that is registered later has no effect on it.
import type { Expression, Relation } from './nodes.generated.js';

/** An object on the way from a relation to a text within it. */
interface Step {
  readonly node: object;
  readonly parent: Step | null;
  readonly key: string;
  copy: Record<string, unknown> | null;
}

/**
 * The relation with the registered functions that its own texts mention, `mentioned` says which; its inputs have theirs. What has no such text
 * stays the object that it is: the program's functions are bound to some.
 */
export function withFunctions(relation: Relation, mentioned: (text: string) => readonly Expression[]): Relation {
  const root: Step = { node: relation, parent: null, key: '', copy: null };
  const copies: object[] = [];
  // An expression that was built in a loop may nest deeper than calls can.
  const pending = [root];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const text = textOf(step.node);
    if (text !== null) {
      const functions = mentioned(text);
      if (functions.length > 0) copies.push(...copyWith(step, functions));
      continue;
    }
    for (const [key, node] of Object.entries(step.node)) {
      if (typeof node === 'object' && node !== null && !('op' in node)) pending.push({ node, parent: step, key, copy: null });
    }
  }
  for (const copy of copies) Object.freeze(copy);
  return (root.copy ?? relation) as Relation;
}

function textOf(node: object): string | null {
  const { op, expr, text } = node as { op?: unknown; expr?: unknown; text?: unknown };
  return (op === 'sql' || expr === 'sql') && typeof text === 'string' ? text : null;
}

/** Copies a text's node with its functions, and what is around it and has no copy yet. Returns the new copies. */
function copyWith(text: Step, functions: readonly Expression[]): object[] {
  text.copy = { ...text.node, functions: Object.freeze(functions) };
  const copies = [text.copy];
  for (let step = text; step.parent !== null; step = step.parent) {
    const { parent } = step;
    const isFirst = parent.copy === null;
    parent.copy ??= (Array.isArray(parent.node) ? [...parent.node] : { ...parent.node }) as Record<string, unknown>;
    parent.copy[step.key] = step.copy;
    if (!isFirst) break;
    copies.push(parent.copy);
  }
  return copies;
}
