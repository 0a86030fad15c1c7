// Finds the jars of the Kafka broker that pom.xml names; Maven copies them once into .broker beside it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** A Java class path with the broker and its tools. */
export async function brokerClasspath(): Promise<string> {
  const pom = testKafkaFile('pom.xml');
  const folder = dirname(pom);
  // Named after what the pom says, so that a new version is a new folder and never half an old one.
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const libraries = join(folder, '.broker', `libraries-${digest}`);
  if (!existsSync(libraries)) await copyLibraries(pom, join(folder, '.broker'), libraries);
  return join(libraries, '*');
}

async function copyLibraries(pom: string, parent: string, libraries: string): Promise<void> {
  mkdirSync(parent, { recursive: true });
  const draft = mkdtempSync(join(parent, 'draft-'));
  try {
    const args = ['-B', '-q', '-f', pom, COPY_DEPENDENCIES, '-DincludeScope=runtime', `-DoutputDirectory=${draft}`];
    const maven = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [maven.stdout, maven.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(maven, 'close')) as [number | null];
    if (code !== 0) throw new Error(`Maven could not copy the Kafka broker (${code}):\n${output}`);
    // Test files run side by side: whoever comes first wins, the others' copy is the same.
    if (!existsSync(libraries)) renameSync(draft, libraries);
  } catch (error) {
    if (!existsSync(libraries)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** A file of test/kafka of the checkout, also where this file runs compiled from somewhere else. */
export function testKafkaFile(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    for (const candidate of [join(folder, name), join(folder, 'test', 'kafka', name)]) {
      if (existsSync(candidate)) return candidate;
    }
    if (folder === dirname(folder)) throw new Error(`test/kafka/${name} is not above this file`);
  }
}
