// What worker threads are started with. It is CommonJS and imports what they run: piscina would `require` a module, and Node 20 ends the whole process where a
// thread is ended in the middle of that.
import type * as Worker from './worker.js';

const worker = import('./worker.js');
const taskOf = <Name extends keyof typeof Worker>(name: Name) => worker.then((tasks) => tasks[name]);

module.exports = { map: taskOf('map'), reduce: taskOf('reduce'), program: taskOf('program'), folds: taskOf('folds') };
