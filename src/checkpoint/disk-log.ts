// A log of batches as files: `offsets/N` and `commits/N`.
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import { native } from '../native/load.js';

/** How entries are written as text. */
export interface LogFormat<Entry> {
  readonly write: (entry: Entry) => string;
  /** Throws where the text is none. */
  readonly read: (text: string) => Entry;
}

/** One file a batch. A resolved `write` means that it is durable. */
export class DiskLog<Entry> {
  readonly #checkpoint: number;
  readonly #location: string;
  readonly #folder: string;
  readonly #format: LogFormat<Entry>;
  /** Batches in the log, ascending; null before it was listed. */
  #batchIds: number[] | null = null;

  constructor(checkpoint: number, location: string, folder: string, format: LogFormat<Entry>) {
    this.#checkpoint = checkpoint;
    this.#location = location;
    this.#folder = folder;
    this.#format = format;
  }

  async write(batchId: number, entry: Entry): Promise<void> {
    const batchIds = this.#list();
    await native.writeLog(this.#checkpoint, `${this.#folder}/${batchId}`, this.#format.write(entry));
    batchIds.push(batchId);
  }

  /** Throws CHECKPOINT_CORRUPT where the file is damaged or is no entry. */
  async read(batchId: number): Promise<Entry | null> {
    const path = `${this.#folder}/${batchId}`;
    const text = native.readLog(this.#checkpoint, path);
    if (text === null) return null;
    try {
      return this.#format.read(text);
    } catch (cause) {
      const parameters = { path: `${this.#location}/${path}`, reason: reasonOf(cause) };
      throw new MillraceError('CHECKPOINT_CORRUPT', { parameters, cause });
    }
  }

  async latest(): Promise<{ readonly batchId: number; readonly entry: Entry } | null> {
    const batchId = this.#list().at(-1);
    if (batchId === undefined) return null;
    const entry = await this.read(batchId);
    return entry === null ? null : { batchId, entry };
  }

  async purge(batchIdMin: number): Promise<void> {
    const batchIds = this.#list();
    const old = batchIds.filter((batchId) => batchId < batchIdMin);
    if (old.length === 0) return;
    await native.removeLogs(this.#checkpoint, this.#folder, old.map(String));
    batchIds.splice(0, old.length);
  }

  #list(): number[] {
    // What is no number is none of ours: .DS_Store, Spark's .crc files.
    this.#batchIds ??= native
      .listLogs(this.#checkpoint, this.#folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((left, right) => left - right);
    return this.#batchIds;
  }
}
