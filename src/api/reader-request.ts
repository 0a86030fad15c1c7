// What a reader has been told, of streams and of files alike: a format, columns, options, a path; and the checks that load() makes of it.
import { parseDdl } from '../engine/analyzer.js';
import { MillraceError } from '../error/millrace-error.js';
import { invalidArgument, pathText, requireText } from './argument.js';
import { Options } from './options.js';
import { ddlOf, type Schema } from './schema.js';

/** Formats whose columns the user names. */
const NAMED_COLUMNS = ['json', 'csv', 'parquet', 'columns'];

/** The settings of one reader. */
export class ReaderRequest {
  readonly options: Options;
  readonly #caller: string;
  #format: string | null = null;
  #schemaDdl: string | null = null;

  /** `caller` is the property that errors name: `read` or `readStream`. */
  constructor(caller: 'read' | 'readStream') {
    this.#caller = caller;
    this.options = new Options(caller);
  }

  /** Notes the format, which is checked at `load()`. Throws ARGUMENT_INVALID where it is no text. */
  setFormat(format: string): void {
    this.#format = requireText(`${this.#caller}.format`, 'the format', format);
  }

  /** The format, in lower case; null where none was given. */
  get format(): string | null {
    return this.#format?.toLowerCase() ?? null;
  }

  /** Notes the columns. Throws PARSE_SYNTAX_ERROR at this call. */
  setSchema(schema: string | Schema<unknown>): void {
    const ddl = ddlOf(`${this.#caller}.schema`, schema);
    parseDdl(ddl); // so that a syntax error is an error of this call
    this.#schemaDdl = ddl;
  }

  /** Notes the path, which may be a file URL, where one is given. Throws ARGUMENT_INVALID. */
  setPath(path: string | URL | undefined): void {
    if (path !== undefined) this.options.set('path', pathText(`${this.#caller}.load`, path));
  }

  /** The path that `format` needs. Throws ARGUMENT_INVALID. */
  requirePath(format: string): string {
    const path = this.options.get('path');
    if (path === undefined) throw invalidArgument(`${this.#caller}.load`, `the source ${format} needs a path`);
    return path;
  }

  /** The format, one of `formats`. Throws ARGUMENT_INVALID where none was given, DATA_SOURCE_NOT_FOUND where it is another. */
  requireFormat<F extends string>(formats: readonly F[]): F {
    const wanted = this.#format?.toLowerCase();
    const known = formats.find((format) => format === wanted);
    if (known !== undefined) return known;
    if (this.#format === null) throw invalidArgument(`${this.#caller}.load`, `no format was given; formats are ${formats.join(', ')}`);
    throw new MillraceError('DATA_SOURCE_NOT_FOUND', { parameters: { provider: this.#format, formats: formats.join(', ') } });
  }

  /** The columns that were named; null where none were. Throws ARGUMENT_INVALID where the format has columns of its own. */
  schema(format: string): string | null {
    if (this.#schemaDdl === null || NAMED_COLUMNS.includes(format)) return this.#schemaDdl;
    throw invalidArgument(`${this.#caller}.schema`, `the source ${format} has columns of its own and takes no schema`);
  }
}
