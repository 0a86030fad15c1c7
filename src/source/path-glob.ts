// Patterns of paths as Hadoop has them: `*`, `?`, `[abc]`, `[^abc]` and `{a,b}`, none of which reaches over a slash.
import { isAbsolute, resolve, sep } from 'node:path';

const SPECIAL = /[*?[{]/;

/** Whether a path has a pattern in it. */
export function isGlob(path: string): boolean {
  return SPECIAL.test(path);
}

/** The folder that all paths of a pattern are in. */
export function globRoot(pattern: string): string {
  const parts = (isAbsolute(pattern) ? pattern : resolve(pattern)).split(sep);
  const first = parts.findIndex((part) => SPECIAL.test(part));
  return parts.slice(0, first < 0 ? parts.length : first).join(sep) || sep;
}

/** What paths that match a pattern match; with `isPrefix`, what lies in a folder that matches does, too. */
export function globMatcher(pattern: string, isPrefix = false): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) source += '\\[';
      else {
        const [negation, inside] = /^[!^]/.test(pattern.slice(at + 1)) ? ['^', at + 2] : ['', at + 1];
        source += `[${negation}${pattern.slice(inside, end).replace(/[\\\]^]/g, '\\$&')}]`;
        at = end;
      }
    } else if (character === '{') {
      braces += 1;
      source += '(?:';
    } else if (character === '}' && braces > 0) {
      braces -= 1;
      source += ')';
    } else if (character === ',' && braces > 0) source += '|';
    else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      source += escaped(pattern[at] ?? '');
    } else source += escaped(character);
  }
  return new RegExp(`^${source}${')'.repeat(braces)}${isPrefix ? '(?:/.*)?' : ''}$`, 's');
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
