// What a file sink left on a simulated disk: the files that its manifest names, and the rows in them.
import { native } from '../../dist/native/load.js';
import { locationOf, type SimulatedDisk } from './disks.ts';

/** The rows of an output. */
export interface WrittenFiles {
  readonly rows: readonly string[];
  /** Files that are named twice, or are not as long as the manifest says. */
  readonly torn: readonly string[];
}

/** Reads an output of JSON files. Throws where a file that the manifest names is missing. */
export function writtenFiles(disk: SimulatedDisk): WrittenFiles {
  const manifest = JSON.parse(native.readManifest(locationOf(disk)) ?? '[]') as { readonly path: string; readonly size: number }[];
  const rows: string[] = [];
  const torn: string[] = [];
  const seen = new Set<string>();
  for (const { path, size } of manifest) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const bytes = native.simulatedFile(disk.number, name);
    if (seen.has(name) || bytes.length !== size) torn.push(name);
    seen.add(name);
    rows.push(...Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean));
  }
  return { rows, torn };
}
