// For `node --import`: from here on this process runs TypeScript files, on every Node that millrace supports.
import nodeModule from 'node:module';
import { loadSync, resolveSync } from './typescript-hooks.js';

interface SyncHooks {
  registerHooks?(hooks: { resolve: typeof resolveSync; load: typeof loadSync }): void;
}

// Threads that millrace starts have loaders of their own: this tells them which module makes theirs.
Object.assign(globalThis, { [Symbol.for('millrace.moduleLoader')]: import.meta.url });

const { registerHooks } = nodeModule as SyncHooks;

// Hooks in the program's own thread came with Node 22.15; before that they live in a thread of their own.
if (registerHooks) registerHooks({ resolve: resolveSync, load: loadSync });
else nodeModule.register('./typescript-hooks.js', import.meta.url);
