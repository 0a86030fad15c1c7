// Which files a file source has taken into which batch (Spark's FileStreamSourceLog): a path that was seen is never read again.

/** A file as a directory lists it. */
export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Whether a file sink made it of others, whose rows it has. */
  readonly isMerged?: boolean;
}

/** A file of a batch, with the size it had when the batch was planned: what is appended later is not read, as its offset was logged without it. */
export interface SeenFile extends ListedFile {
  /** The number of the log entry, which is the source's offset: `{"logOffset": batch}`. */
  readonly batch: number;
}

/** Files by batch, and the set of all paths seen. */
export class SeenFiles {
  readonly #maxFileAgeMs: number;
  readonly #keyOf: (path: string) => string;
  readonly #paths = new Set<string>();
  readonly #filesByBatch = new Map<number, readonly SeenFile[]>();
  #newest = -1;
  #newestModifiedMs = Number.NEGATIVE_INFINITY;

  /** `maxFileAgeMs`: files that much older than the newest one taken are passed over; Spark's default is a week. `keyOf`: what files are known by. */
  constructor(maxFileAgeMs: number, keyOf: (path: string) => string = (path) => path) {
    this.#maxFileAgeMs = maxFileAgeMs;
    this.#keyOf = keyOf;
  }

  /** The newest entry's number, -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  has(path: string): boolean {
    return this.#paths.has(this.#keyOf(path));
  }

  /** Those of newly listed files that are not too old. The others count as seen from here on. */
  withoutOld(files: readonly ListedFile[]): ListedFile[] {
    const oldestMs = this.#newestModifiedMs - this.#maxFileAgeMs;
    const young = files.filter((file) => file.modifiedMs >= oldestMs);
    for (const file of files) {
      if (file.modifiedMs < oldestMs) this.#paths.add(this.#keyOf(file.path));
    }
    return young;
  }

  /** Takes in the files of a batch that was logged before a restart. Those of `committed` batches are not read again. */
  restore(batch: number, files: readonly SeenFile[], committed: number): void {
    this.#newest = Math.max(this.#newest, batch);
    for (const file of files) this.#see(file);
    for (const file of files.filter((each) => each.batch > committed)) {
      this.#filesByBatch.set(file.batch, [...(this.#filesByBatch.get(file.batch) ?? []), file]);
    }
  }

  /** Logs the files of the next batch; returns its number. */
  add(files: readonly ListedFile[]): number {
    this.#newest += 1;
    const batch = this.#newest;
    this.#filesByBatch.set(
      batch,
      files.map((file) => ({ ...file, batch })),
    );
    for (const file of files) this.#see(file);
    return batch;
  }

  #see(file: ListedFile): void {
    this.#paths.add(this.#keyOf(file.path));
    this.#newestModifiedMs = Math.max(this.#newestModifiedMs, file.modifiedMs);
  }

  /** The files of batches `after + 1` to `upTo`, in the order in which they were logged. */
  between(after: number, upTo: number): SeenFile[] {
    const files: SeenFile[] = [];
    for (let batch = after + 1; batch <= upTo; batch += 1) files.push(...(this.#filesByBatch.get(batch) ?? []));
    return files;
  }

  /** Forgets the files of committed batches, and gives them back; their paths stay seen. */
  release(upTo: number): SeenFile[] {
    const released: SeenFile[] = [];
    for (const [batch, files] of this.#filesByBatch) {
      if (batch > upTo) continue;
      released.push(...files);
      this.#filesByBatch.delete(batch);
    }
    return released;
  }
}
