// What a source keeps for itself as files (Spark's CompactibleFileStreamLog): `sources/<source>/N`, each tenth with all before it.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import type { SourceLog, SourceLogEntry } from '../source/source.js';
import { missingSourceEntry } from './missing-files.js';

/** Spark's spark.sql.streaming.fileSource.log.compactInterval. */
const COMPACT_INTERVAL = 10;
const COMPACT = '.compact';

/** A source's log. Entry N is a file of lines, `v1` first. */
export class DiskSourceLog implements SourceLog {
  readonly #checkpoint: number;
  readonly #location: string;
  readonly #folder: string;

  constructor(checkpoint: number, location: string, folder: string) {
    this.#checkpoint = checkpoint;
    this.#location = location;
    this.#folder = folder;
  }

  async writeFirst(line: string): Promise<void> {
    await native.writeLog(this.#checkpoint, `${this.#folder}/0`, `\0v1\n${line}`);
  }

  async write(number: number, lines: readonly string[]): Promise<void> {
    if ((number + 1) % COMPACT_INTERVAL !== 0) {
      await this.#write(String(number), lines);
      return;
    }
    const before = (await this.entries()).flatMap((entry) => entry.lines);
    await this.#write(`${number}${COMPACT}`, [...before, ...lines]);
    // The compacted file before this one stays, with what came between: a reader may be at it.
    const old = this.#names().filter((name) => numberOf(name) < number - COMPACT_INTERVAL);
    if (old.length > 0) await native.removeLogs(this.#checkpoint, this.#folder, old);
  }

  async entries(newest = -1): Promise<SourceLogEntry[]> {
    const names = this.#names();
    const missing = missingSourceEntry(names, newest);
    if (missing !== null) {
      const parameters = { path: this.#location, missing: `${this.#folder}/${missing}` };
      throw new MillraceError('CHECKPOINT_INCOMPLETE', { parameters, context: { path: this.#location } });
    }
    const compacted = names.findLastIndex((name) => name.endsWith(COMPACT));
    return names.slice(Math.max(0, compacted)).map((name) => ({ number: numberOf(name), lines: this.#read(name) }));
  }

  async #write(name: string, lines: readonly string[]): Promise<void> {
    await native.writeLog(this.#checkpoint, `${this.#folder}/${name}`, ['v1', ...lines].join('\n'));
  }

  #read(name: string): string[] {
    const path = `${this.#folder}/${name}`;
    // Spark's Kafka source begins its entry with a NUL, for the sake of its version 2.1.
    const [version, ...lines] = (native.readLog(this.#checkpoint, path) ?? '').replace(/^\0/, '').split('\n');
    if (version === 'v1') return lines;
    const parameters = { path: `${this.#location}/${path}`, reason: `it begins with ${JSON.stringify(version)}, not with v1` };
    throw new MillraceError('CHECKPOINT_CORRUPT', { parameters });
  }

  /** Names of entries in their order. */
  #names(): string[] {
    const names = native.listLogs(this.#checkpoint, this.#folder).filter((name) => /^\d+(\.compact)?$/.test(name));
    return names.sort((left, right) => numberOf(left) - numberOf(right));
  }
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10);
}
