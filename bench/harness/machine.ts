// What a number means little without: the machine, the versions, the commit, the command, and how busy the machine was.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** The circumstances of a measurement. */
export interface Circumstances {
  readonly date: string;
  readonly command: string;
  /** The commit, with `+` where files differed from it. */
  readonly commit: string;
  /** Beginning of the SHA-256 of the addon that was measured: in a tree that changes, the commit alone does not say which. */
  readonly addon: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly rustc: string;
  /** Load average of the last minute as the measurement ended, its own work included: well above the cores at work, the machine was shared. */
  readonly loadAverage: number;
}

/** Looks around. `command` is what was typed. */
export function circumstances(command: string): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command,
    commit: commit(),
    addon: addonHash(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    rustc: answerOf('rustc', '--version').split(' ').slice(0, 2).join(' '),
    loadAverage: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

function commit(): string {
  const hash = answerOf('git', 'rev-parse', '--short', 'HEAD');
  return answerOf('git', 'status', '--porcelain', '--untracked-files=no') === '' ? hash : `${hash}+`;
}

function addonHash(): string {
  const folder = new URL('../../native/binding/', import.meta.url);
  const name = readdirSync(folder).find((file) => file.endsWith('.node'));
  if (name === undefined) return 'unknown';
  return createHash('sha256')
    .update(readFileSync(new URL(name, folder)))
    .digest('hex')
    .slice(0, 12);
}

function answerOf(command: string, ...words: string[]): string {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
