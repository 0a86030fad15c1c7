// Reads the functions and methods of a declaration file that tsc wrote: doc comment, name, type parameters, parameters, result.

/**
 * @typedef {object} Declaration
 * @property {string} name
 * @property {string} doc the doc comment's text, on one line
 * @property {{ name: string, optional: boolean, rest: boolean, type: string }[]} parameters
 * @property {string} result
 */

/** The exported functions, overloads one after another. */
export function functionsOf(text) {
  return declarations(text, /^export declare function (\w+)/gm);
}

/** The methods of a class whose members are indented by four spaces. */
export function methodsOf(text) {
  return declarations(text, /^ {4}(?!constructor|readonly|declare|static|#)(\w+)(?=[<(])/gm);
}

function declarations(text, pattern) {
  /** @type {Declaration[]} */
  const found = [];
  let doc = '';
  for (const match of text.matchAll(pattern)) {
    const name = match[1];
    let at = match.index + match[0].length;
    let constraints = new Map();
    if (text[at] === '<') {
      const end = closing(text, at);
      constraints = constraintsOf(text.slice(at + 1, end));
      at = end + 1;
    }
    const end = closing(text, at);
    const parameters = split(text.slice(at + 1, end))
      .map((parameter) => readParameter(parameter, constraints))
      .filter((parameter) => parameter.name !== 'this');
    const result = text.slice(end + 1, text.indexOf(';\n', end)).replace(/^:\s*/, '');
    // An overload without a comment has that of the one before.
    const before = docBefore(text, match.index);
    if (before !== '' || found.at(-1)?.name !== name) doc = before;
    found.push({ name, doc, parameters, result: result.replace(/\s+/g, ' ') });
  }
  return found;
}

/** The doc comment that ends right before `end`, as one line. */
function docBefore(text, end) {
  const before = text.slice(0, end).trimEnd();
  if (!before.endsWith('*/')) return '';
  const comment = before.slice(before.lastIndexOf('/**') + 3, -2);
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .replace(/```.*?```/g, '')
    .replace(/@(param|example|throws)\b.*/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

const OPENING = '(<[{';
const CLOSING = ')>]}';

/** Where the bracket at `at` is closed; the `>` of an arrow closes none. */
function closing(text, at) {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    if (OPENING.includes(text[index])) depth += 1;
    if (CLOSING.includes(text[index]) && !(text[index] === '>' && text[index - 1] === '=')) depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error(`a bracket is not closed: ${text.slice(at, at + 60)}`);
}

/** Cuts at commas that stand in no bracket. */
export function split(text, separator = ',') {
  const parts = [];
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (OPENING.includes(text[index])) index = closing(text, index);
    else if (text[index] === separator) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function constraintsOf(text) {
  return new Map(
    split(text).map((parameter) => {
      const [, name, constraint = 'unknown'] = /^(?:const |out |in )*(\w+)(?:\s+extends\s+(.*))?$/s.exec(parameter) ?? [];
      return [name, constraint];
    }),
  );
}

function readParameter(text, constraints) {
  const [, dots, name, question, type = 'unknown'] = /^(\.\.\.)?(\w+)(\?)?:\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`no parameter: ${text}`);
  // `C & Numbers<C>` is what C stands for, checked by more than its constraint.
  const [bare] = split(type, '&');
  return { name, optional: question === '?', rest: dots === '...', type: constraints.get(bare) ?? bare.replace(/\s+/g, ' ') };
}
