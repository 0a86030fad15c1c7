// Functions between text and bytes, and of hashes.
import type { Column } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';
import { call } from './call.js';

/** The bytes as base64. */
export function base64(column: ColumnOrName): Column<string | null> {
  return call('base64', [column]);
}

/** The bytes of base64. */
export function unbase64(column: ColumnOrName): Column<Uint8Array | null> {
  return call('unbase64', [column]);
}

/** The bytes of hexadecimal digits; null where they are none. */
export function unhex(column: ColumnOrName): Column<Uint8Array | null> {
  return call('unhex', [column]);
}

/** The bytes of text in a format: a column with `hex` (if not given), `base64` or `utf-8`. Spark counterpart: `to_binary`. */
export function toBinary(column: ColumnOrName, format?: ColumnOrName): Column<Uint8Array | null> {
  return call('to_binary', [column, format]);
}

/** The text as bytes in a character set. */
export function encode(column: ColumnOrName, charset: string): Column<Uint8Array | null> {
  return call('encode', [column], [charset]);
}

/** The bytes as text in a character set. */
export function decode(column: ColumnOrName, charset: string): Column<string | null> {
  return call('decode', [column], [charset]);
}

/** The text as part of a URL. Spark counterpart: `url_encode`. */
export function urlEncode(column: ColumnOrName): Column<string | null> {
  return call('url_encode', [column]);
}

/** The text of a part of a URL. Spark counterpart: `url_decode`. */
export function urlDecode(column: ColumnOrName): Column<string | null> {
  return call('url_decode', [column]);
}

/** Whether the text is valid UTF-8. Spark counterpart: `is_valid_utf8`. */
export function isValidUtf8(column: ColumnOrName): Column<boolean | null> {
  return call('is_valid_utf8', [column]);
}

/** The text with what is no UTF-8 replaced. Spark counterpart: `make_valid_utf8`. */
export function makeValidUtf8(column: ColumnOrName): Column<string | null> {
  return call('make_valid_utf8', [column]);
}

/** The text as it is; an error where it is no valid UTF-8. Spark counterpart: `validate_utf8`. */
export function validateUtf8(column: ColumnOrName): Column<string | null> {
  return call('validate_utf8', [column]);
}

/** The text as it is; null where it is no valid UTF-8. Spark counterpart: `try_validate_utf8`. */
export function tryValidateUtf8(column: ColumnOrName): Column<string | null> {
  return call('try_validate_utf8', [column]);
}

/** Spark's Murmur3 hash of the columns. Never null. */
export function hash(...columns: readonly ColumnOrName[]): Column<number> {
  return call('hash', columns);
}

/** The 64-bit xxHash of the columns. Never null. */
export function xxhash64(...columns: readonly ColumnOrName[]): Column<bigint> {
  return call('xxhash64', columns);
}

/** The MD5 digest in hexadecimal digits. */
export function md5(column: ColumnOrName): Column<string | null> {
  return call('md5', [column]);
}

/** The SHA-1 digest in hexadecimal digits; the same as `sha1`. */
export function sha(column: ColumnOrName): Column<string | null> {
  return call('sha', [column]);
}

/** The SHA-1 digest in hexadecimal digits. */
export function sha1(column: ColumnOrName): Column<string | null> {
  return call('sha1', [column]);
}

/** The SHA-2 digest of 224, 256, 384 or 512 bits in hexadecimal digits; 0 is 256. */
export function sha2(column: ColumnOrName, bits: number): Column<string | null> {
  return call('sha2', [column], [bits]);
}

/** The CRC-32 checksum. */
export function crc32(column: ColumnOrName): Column<bigint | null> {
  return call('crc32', [column]);
}
