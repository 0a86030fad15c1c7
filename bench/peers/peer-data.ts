// The data of the peer workloads and what must come out of it: made once for each scale, kept in the cache folder.
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CACHE_FOLDER } from '../data/trade-files.ts';
import { benchFile, pythonWith } from './installation.ts';
import type { InputPath, Size, Workload } from './workloads.ts';

/** Goes up when the bytes or the references change. */
const FORMAT = 1;
const PACKAGES = ['numpy', 'pyarrow', 'duckdb==2.0.0'];

const run = promisify(execFile);

/** The form of a file: `bin` is rows of little-endian int64. */
export type FileForm = 'ndjson' | 'parquet' | 'bin';

/** The data of one scale. */
export class PeerData {
  readonly #scale: number;
  readonly #folder: string;

  constructor(scale: number) {
    this.#scale = scale;
    this.#folder = join(CACHE_FOLDER, `peers-${FORMAT}`, `x${scale}`);
  }

  /** The folder with the parts of a size. */
  async input({ data }: Workload, form: FileForm, size: Size): Promise<string> {
    return join(await this.#made(data, form), size);
  }

  /** W2's table of ads and campaigns. */
  async ads(): Promise<string> {
    return join(await this.#made('W2', 'ndjson'), 'ads.csv');
  }

  /** The file of what must come out. */
  async reference(workload: Workload, size: Size): Promise<string> {
    const file = join(this.#folder, 'reference', `${workload.name}-${size}.csv`);
    if (!existsSync(file)) {
      mkdirSync(join(this.#folder, 'reference'), { recursive: true });
      const form = workload.paths.includes('parquet') ? 'parquet' : 'ndjson';
      const words = [await this.input(workload, form, size), workload.name, `${file}.draft`];
      if (workload.name === 'W2') words.push(await this.ads());
      await run(await pythonWith('data', PACKAGES), [benchFile('data/reference.py'), ...words]);
      renameSync(`${file}.draft`, file);
    }
    return file;
  }

  async #made(data: Workload['data'], form: FileForm): Promise<string> {
    const folder = join(this.#folder, `${data}-${form}`);
    if (existsSync(folder)) return folder;
    console.error(`making ${data} as ${form}, scale ${this.#scale} …`);
    const draft = `${folder}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    await run(await pythonWith('data', PACKAGES), [benchFile('data/generate.py'), draft, data, form, String(this.#scale)]);
    renameSync(draft, folder);
    return folder;
  }
}

/** Reads the files of a folder through, so that no program finds them on the disk alone while the next one has them in memory. */
export async function readThrough(folder: string): Promise<void> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    for await (const _ of createReadStream(join(entry.parentPath, entry.name), { highWaterMark: 1 << 20 }));
  }
}

/** The form in which most programs take the records of a path. */
export function formOf(path: InputPath): FileForm {
  return path === 'parquet' ? 'parquet' : 'ndjson';
}
