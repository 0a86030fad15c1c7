// Stripped programs, kept between runs: to load the stripper takes longer than most programs take to start.
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Part of the name of what is kept: what another stripper made is not taken. */
const FORMAT = 'strip-2';

/** What `strip` makes of `source`, or made of it in an earlier run. */
export function stripOnce(source: string, strip: () => string): string {
  const file = placeOf(source);
  if (file === null) return strip();
  try {
    // The stripped text, and what it was made of: names of files are no proof of that.
    const kept = readFileSync(file, 'utf8');
    // Types become spaces: both are equally long.
    if (kept.length === 2 * source.length && kept.endsWith(source)) return kept.slice(0, source.length);
  } catch {
    // Not there yet.
  }
  const stripped = strip();
  try {
    const unfinished = `${file}.${process.pid}.${Date.now()}`;
    writeFileSync(unfinished, `${stripped}${source}`, { mode: 0o600, flag: 'wx' });
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
  return join(folder, `${FORMAT}-${hashOf(source)}.js`);
}

/** Two programs may have the same one: it only chooses a file. node:crypto would take longer to load than all the rest. */
function hashOf(text: string): string {
  let [high, low] = [0, text.length];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    low = Math.imul(low, 31) + unit;
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
