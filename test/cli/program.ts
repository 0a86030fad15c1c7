// Runs `millrace` on programs written into a temporary folder.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cli = join(root, 'dist', 'cli', 'millrace.js');

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** A folder of programs, gone after the test. */
export class ProgramFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-cli-'));

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  /** `onOutput` sees all that the program has printed so far, each time it prints, and may send signals. */
  run(
    words: readonly string[],
    settings: { node?: string; onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void } = {},
  ) {
    return new Promise<Outcome>((resolve, reject) => {
      const child = spawn(settings.node ?? process.execPath, [cli, ...words], { cwd: this.path, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        settings.onOutput?.(stdout, (signal) => child.kill(signal));
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ stdout, stderr, exitCode }));
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
