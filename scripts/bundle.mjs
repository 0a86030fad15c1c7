// npm run build:ts, after tsc: puts the modules of dist (or of the folder that is named) into one file, millrace.js, and leaves in the place of each what re-exports its part. A start
// reads one file instead of two hundred. The command line stays as it is: its hooks run in a thread that has no need of the rest.
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rollup } from 'rollup';
import { root } from './steps.mjs';

const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const hasMaps = existsSync(join(dist, 'index.js.map'));
const CHUNK = 'millrace';
const EMPTY = '\0empty';
const FLATBUFFERS = 'flatbuffers';
/** What is started as a file of its own. */
const APART = /^(cli\/.*|pool\/worker\.js)$/;

/** Modules of dist by their paths there. What an older build left is none of them. */
const modules = readdirSync(join(root, 'src'), { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replace(/\.ts$/, '.js'))
  .filter((path) => !APART.test(path));

const bundle = await rollup({
  // The first of the entries gives the file its name; this one has nothing of its own.
  input: { [CHUNK]: EMPTY, ...Object.fromEntries(modules.map((path) => [path.slice(0, -'.js'.length), join(dist, path)])) },
  external: (id) => id !== EMPTY && id !== FLATBUFFERS && !id.startsWith('.') && !id.startsWith(dist),
  preserveEntrySignatures: 'strict',
  plugins: [{ name: CHUNK, resolveId, load, resolveImportMeta }],
  onwarn,
});
await bundle.write({
  dir: dist,
  format: 'es',
  banner: '// With the reader and the builder of FlatBuffers (npm package flatbuffers, Apache-2.0).',
  sourcemap: hasMaps,
  manualChunks: () => CHUNK,
  chunkFileNames: '[name].js',
  entryFileNames: '[name].js',
  minifyInternalExports: false,
  hoistTransitiveImports: false,
});
await bundle.close();
// tsc makes no file that can be run; without this npx finds the command of a fresh clone and may not start it.
chmodSync(join(dist, 'cli', 'millrace.js'), 0o755);

/** The modules of FlatBuffers go into the file, too: a dozen small ones, of which a start needs two. */
function resolveId(id) {
  if (id === FLATBUFFERS) return join(root, 'node_modules', FLATBUFFERS, 'mjs', 'flatbuffers.js');
  return id === EMPTY ? id : null;
}

/** A module with tsc's map, so that stacks name the TypeScript. */
function load(path) {
  if (path === EMPTY) return '';
  const hasMap = hasMaps && path.startsWith(dist);
  return { code: readFileSync(path, 'utf8'), map: hasMap ? readFileSync(`${path}.map`, 'utf8') : null };
}

/** What a module finds by its own URL lies where that module was. */
function resolveImportMeta(property, { moduleId, chunkId }) {
  if (property !== 'url') return null;
  const path = relative(dirname(resolve(dist, chunkId)), moduleId).replaceAll('\\', '/');
  return `new URL('./${path}', import.meta.url).href`;
}

function onwarn({ code, message }) {
  // Modules of types have no code; cycles between modules are as they were.
  if (code !== 'EMPTY_BUNDLE' && code !== 'CIRCULAR_DEPENDENCY') throw new Error(message);
}
