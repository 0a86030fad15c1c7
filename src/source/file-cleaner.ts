// What becomes of input files once their batch is committed (Spark's cleanSource): nothing, or they are moved away or removed.
import { mkdir, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { optionInvalid, optionText } from './source-option.js';

/** Takes files away. A file that cannot be taken away stays: it was read, and the query goes on. */
export type FileCleaner = (path: string) => Promise<void>;

/** Reads the options `cleanSource` (`off`, `delete`, `archive`) and `sourceArchiveDir`; null where files stay. Throws OPTION_INVALID. */
export function fileCleaner(root: string, options: Readonly<Record<string, string>>): FileCleaner | null {
  const mode = optionText(options, 'cleanSource')?.trim().toLowerCase() ?? 'off';
  switch (mode) {
    case 'off':
      return null;
    case 'delete':
      return (path) => unlink(path).catch(() => {});
    case 'archive': {
      const folder = optionText(options, 'sourceArchiveDir');
      if (folder === undefined) throw optionInvalid('cleanSource', mode, 'it needs sourceArchiveDir, the folder that files are moved to');
      const archive = resolve(folder);
      // What lies in the source is listed again.
      if (`${archive}${sep}`.startsWith(`${root}${sep}`)) throw optionInvalid('sourceArchiveDir', folder, 'it must not lie in the source');
      return (path) => move(path, join(archive, path));
    }
    default:
      throw optionInvalid('cleanSource', mode, 'it must be off, delete or archive');
  }
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
    .then(() => rename(from, to))
    .catch(() => {});
}
