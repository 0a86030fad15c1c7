// Functions of strings.

import { callNode } from '../../plan/expression.js';
import { Column, operandNode } from '../column.js';
import type { CallName, ColumnOrName, ValueOfColumn } from '../types/column-types.js';
import type { Decimal } from '../types/value-types.js';
import { call, columnNodes } from './call.js';

/** The text with each word's first letter in upper case, the others in lower case. */
export function initcap(column: ColumnOrName): Column<string | null> {
  return call('initcap', [column]);
}

/** The text without spaces, or characters of the second column, at both ends. */
export function trim(column: ColumnOrName, trim?: ColumnOrName): Column<string | null> {
  return call('trim', [column, trim]);
}

/** The text without spaces, or characters of the second column, at its start. */
export function ltrim(column: ColumnOrName, trim?: ColumnOrName): Column<string | null> {
  return call('ltrim', [column, trim]);
}

/** The text without spaces, or characters of the second column, at its end. */
export function rtrim(column: ColumnOrName, trim?: ColumnOrName): Column<string | null> {
  return call('rtrim', [column, trim]);
}

/** The same as `trim`. */
export function btrim(column: ColumnOrName, trim?: ColumnOrName): Column<string | null> {
  return call('btrim', [column, trim]);
}

/** The text cut or filled up on the left to a length. */
export function lpad(column: ColumnOrName, length: Column | number, pad: Column | string): Column<string | null> {
  return call('lpad', [column], [length, pad]);
}

/** The text cut or filled up on the right to a length. */
export function rpad(column: ColumnOrName, length: Column | number, pad: Column | string): Column<string | null> {
  return call('rpad', [column], [length, pad]);
}

/** The text, `count` times. */
export function repeat(column: ColumnOrName, count: Column | number): Column<string | null> {
  return call('repeat', [column], [count]);
}

/** The text or the array backwards. */
export function reverse<const C extends ColumnOrName>(column: C): Column<ValueOfColumn<C>> {
  return call('reverse', [column]);
}

/** The texts, and texts of arrays, with the separator between them; nulls are left out. Spark counterpart: `concat_ws`. */
export function concatWs(separator: string, ...columns: readonly ColumnOrName[]): Column<string | null> {
  return new Column(callNode('concat_ws', [operandNode(separator), ...columnNodes('concatWs', [...columns])]));
}

/** A part of the text; the position counts from 1, from the end where negative. */
export function substring(column: ColumnOrName, position: Column | number, length: Column | number): Column<string | null> {
  return call('substring', [column], [position, length]);
}

/** As `substring`, with columns. */
export function substr(column: ColumnOrName, position: ColumnOrName, length?: ColumnOrName): Column<string | null> {
  return call('substr', [column, position, length]);
}

/** The first characters; the length is a column. */
export function left(column: ColumnOrName, length: ColumnOrName): Column<string | null> {
  return call('left', [column, length]);
}

/** The last characters; the length is a column. */
export function right(column: ColumnOrName, length: ColumnOrName): Column<string | null> {
  return call('right', [column, length]);
}

/** The place of the first occurrence, from 1; 0 where there is none. */
export function instr(column: ColumnOrName, part: Column | string): Column<number | null> {
  return call('instr', [column], [part]);
}

/** The place of the first occurrence from a position on, from 1; 0 where there is none. */
export function locate(part: string, column: ColumnOrName, position = 1): Column<number | null> {
  return new Column(callNode('locate', [operandNode(part), ...columnNodes('locate', [column]), operandNode(position)]));
}

/** As `locate`, with columns. */
export function position(part: ColumnOrName, column: ColumnOrName, start?: ColumnOrName): Column<number | null> {
  return call('position', [part, column, start]);
}

/** The same as `position`. */
export function charindex(part: ColumnOrName, column: ColumnOrName, start?: ColumnOrName): Column<number | null> {
  return call('charindex', [part, column, start]);
}

/** Whether the text has the other in it. */
export function contains(column: ColumnOrName, part: ColumnOrName): Column<boolean | null> {
  return call('contains', [column, part]);
}

/** Whether the text starts with the other. */
export function startswith(column: ColumnOrName, prefix: ColumnOrName): Column<boolean | null> {
  return call('startswith', [column, prefix]);
}

/** Whether the text ends with the other. */
export function endswith(column: ColumnOrName, suffix: ColumnOrName): Column<boolean | null> {
  return call('endswith', [column, suffix]);
}

/** Whether the text fits a pattern with `%` and `_`; the pattern is a column. */
export function like(column: ColumnOrName, pattern: ColumnOrName, escapeCharacter?: Column | string): Column<boolean | null> {
  return call('like', [column, pattern], [escapeCharacter]);
}

/** As `like`, whatever the case of letters. */
export function ilike(column: ColumnOrName, pattern: ColumnOrName, escapeCharacter?: Column | string): Column<boolean | null> {
  return call('ilike', [column, pattern], [escapeCharacter]);
}

/** The text with every occurrence replaced, or left out where no replacement is given. */
export function replace(column: ColumnOrName, search: ColumnOrName, replacement?: ColumnOrName): Column<string | null> {
  return call('replace', [column, search, replacement]);
}

/** The text with each character of `matching` replaced by the one at the same place of `replacement`. */
export function translate(column: ColumnOrName, matching: string, replacement: string): Column<string | null> {
  return call('translate', [column], [matching, replacement]);
}

/** The text with a part from a position on replaced. */
export function overlay(
  column: ColumnOrName,
  replacement: ColumnOrName,
  position: Column | number,
  length?: Column | number,
): Column<string | null> {
  return call('overlay', [column, replacement], [position, length]);
}

/** The part with a number that counts from 1, of the text cut at a delimiter. Spark counterpart: `split_part`. */
export function splitPart(column: ColumnOrName, delimiter: ColumnOrName, part: ColumnOrName): Column<string | null> {
  return call('split_part', [column, delimiter, part]);
}

/** The text before the delimiter's occurrence `count`, or after it counted from the end where negative. Spark counterpart: `substring_index`. */
export function substringIndex(column: ColumnOrName, delimiter: string, count: number): Column<string | null> {
  return call('substring_index', [column], [delimiter, count]);
}

/** The place of a text in a list separated by commas, from 1; 0 where there is none. Spark counterpart: `find_in_set`. */
export function findInSet(column: ColumnOrName, list: ColumnOrName): Column<number | null> {
  return call('find_in_set', [column, list]);
}

/** How many edits lead from one text to the other; -1 where they are more than the threshold. */
export function levenshtein(left: ColumnOrName, right: ColumnOrName, threshold?: number): Column<number | null> {
  return call('levenshtein', [left, right], [threshold]);
}

/** The code of the first character. */
export function ascii(column: ColumnOrName): Column<number | null> {
  return call('ascii', [column]);
}

/** The character of a code. */
export function char(column: ColumnOrName): Column<string | null> {
  return call('char', [column]);
}

/** The same as `char`. */
export function chr(column: ColumnOrName): Column<string | null> {
  return call('chr', [column]);
}

/** So many spaces. */
export function space(count: ColumnOrName): Column<string | null> {
  return call('space', [count]);
}

/** The number of bytes. Spark counterpart: `octet_length`. */
export function octetLength(column: ColumnOrName): Column<number | null> {
  return call('octet_length', [column]);
}

/** The number of bits. Spark counterpart: `bit_length`. */
export function bitLength(column: ColumnOrName): Column<number | null> {
  return call('bit_length', [column]);
}

/** The number of characters; the same as `length`. Spark counterpart: `char_length`. */
export function charLength(column: ColumnOrName): Column<number | null> {
  return call('char_length', [column]);
}

/** The number of characters; the same as `length`. Spark counterpart: `character_length`. */
export function characterLength(column: ColumnOrName): Column<number | null> {
  return call('character_length', [column]);
}

/** The code of how an English name sounds. */
export function soundex(column: ColumnOrName): Column<string | null> {
  return call('soundex', [column]);
}

/** Whether the digits end with the right check digit. Spark counterpart: `luhn_check`. */
export function luhnCheck(column: ColumnOrName): Column<boolean | null> {
  return call('luhn_check', [column]);
}

/** The text with letters as X and x, and digits as n. */
export function mask(column: ColumnOrName): Column<string | null> {
  return call('mask', [column]);
}

/**
 * The number with commas and a fixed number of places, or by a pattern of `java.text.DecimalFormat`'s kind such as `#,##0.00`.
 * Spark counterpart: `format_number`.
 */
export function formatNumber(column: ColumnOrName, format: number | string): Column<string | null> {
  return call('format_number', [column], [format]);
}

/** The decimal in a text, by a format such as `S$999,099.99`; another text is an error. Spark counterpart: `to_number`. */
export function toNumber(column: ColumnOrName, format: string): Column<Decimal | null> {
  return call('to_number', [column], [format]);
}

/** As `toNumber`, but null for another text. Spark counterpart: `try_to_number`. */
export function tryToNumber(column: ColumnOrName, format: string): Column<Decimal | null> {
  return call('try_to_number', [column], [format]);
}

/**
 * A number as text by a format such as `S$999,099.99`; a date or timestamp by a date-time pattern; bytes as `hex`, `base64` or `utf-8`.
 * Spark counterpart: `to_char`.
 */
export function toChar(column: ColumnOrName, format: string): Column<string | null> {
  return call('to_char', [column], [format]);
}

/** Spark's other name of `toChar`. Spark counterpart: `to_varchar`. */
export function toVarchar(column: ColumnOrName, format: string): Column<string | null> {
  return call('to_varchar', [column], [format]);
}

/** The words of each sentence of a text, cut where Java's BreakIterator cuts it. Spark counterpart: `sentences`. */
export function sentences(column: ColumnOrName): Column<string[][] | null> {
  return call('sentences', [column]);
}

/**
 * The text as it is compared in a collation: `UTF8_LCASE` (without regard to case), or one of `UTF8_BINARY` and these with `_RTRIM`. It can
 * be compared and searched, not selected. Spark counterpart: `collate`.
 */
export function collate(column: ColumnOrName, collation: string): Column<string | null> {
  return call('collate', [column], [collation]);
}

/** The name of a text's collation. Spark counterpart: `collation`. */
export function collation(column: ColumnOrName): Column<string> {
  return call('collation', [column]);
}

/** The values in a text, by a format of `java.util.Formatter`'s kind such as `%s: %05d`. Spark counterpart: `format_string`. */
export function formatString(format: string, ...columns: readonly ColumnOrName[]): Column<string | null> {
  return new Column(callNode('format_string', [operandNode(format), ...columnNodes('formatString', [...columns])]));
}

/** The same as `formatString`. */
export function printf(format: Column, ...columns: readonly ColumnOrName[]): Column<string | null> {
  return call('printf', [format, ...columns]);
}

/** The n-th of the texts, counted from 1. */
export function elt(...columns: readonly ColumnOrName[]): Column<string | null> {
  return call('elt', [...columns]);
}

/** The number in the text, from one base to another. */
export function conv(column: ColumnOrName, fromBase: number, toBase: number): Column<string | null> {
  return call('conv', [column], [fromBase, toBase]);
}

/** The text in single quotes, with those in it escaped. */
export function quote(column: ColumnOrName): Column<string | null> {
  return call('quote', [column]);
}

/** The text in upper case, by Unicode's rules. */
export function upper<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'upper', C>> {
  return call('upper', [column]);
}

/** The text in lower case, by Unicode's rules. */
export function lower<const C extends ColumnOrName>(column: C): Column<string | null, CallName<'lower', C>> {
  return call('lower', [column]);
}

/** The number of characters (code points) of a string, of bytes of a binary. */
export function length<const C extends ColumnOrName>(column: C): Column<number | null, CallName<'length', C>> {
  return call('length', [column]);
}

/** The texts one after another; null where any of them is null. */
export function concat(...columns: readonly ColumnOrName[]): Column<string | null> {
  return call('concat', columns);
}
