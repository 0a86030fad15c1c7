// Stripped programs, kept between runs: to load the stripper takes longer than most programs take to start.
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Part of the name of what is kept: what another stripper made is not taken. */
const FORMAT = 'millrace strip 1';

/** What `strip` makes of `source`, or made of it in an earlier run. */
export function stripOnce(source: string, strip: () => string): string {
  const file = placeOf(source);
  if (file === null) return strip();
  try {
    const kept = readFileSync(file, 'utf8');
    // Types become spaces: what is shorter was not written to its end.
    if (kept.length === source.length) return kept;
  } catch {
    // Not there yet.
  }
  const stripped = strip();
  try {
    const unfinished = `${file}.${randomUUID()}`;
    writeFileSync(unfinished, stripped, { mode: 0o600 });
    renameSync(unfinished, file);
  } catch {
    // Nothing is lost but time: a full disk, a folder that may not be written to.
  }
  return stripped;
}

/** Where the stripped source is kept; null where no folder is this user's alone. */
function placeOf(source: string): string | null {
  const user = process.getuid?.();
  const folder = join(tmpdir(), user === undefined ? 'millrace' : `millrace-${user}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    // Programs are run from it: nobody else may have made it, or write to it. Windows has a temporary folder for each user.
    if (user !== undefined && (uid !== user || (mode & 0o077) !== 0 || (mode & 0o170000) !== 0o040000)) return null;
  } catch {
    return null;
  }
  return join(folder, `${createHash('sha256').update(`${FORMAT}\0${source}`).digest('hex')}.js`);
}
