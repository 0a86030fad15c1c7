// A fingerprint of all that the addon is made from.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `salt` is what else decides the result: profile and target. */
export function fingerprint(root, salt) {
  const hash = createHash('sha256')
    .update(salt)
    .update(execFileSync('rustc', ['-vV']));
  for (const path of ['Cargo.toml', 'Cargo.lock', ...rustFiles(root, 'native')]) {
    hash
      .update(path)
      .update('\0')
      .update(readIfThere(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function rustFiles(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'target' ? [] : rustFiles(root, path);
      return /\.(rs|toml)$/.test(entry.name) ? [path] : [];
    });
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return '';
  }
}
