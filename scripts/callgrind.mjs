// Instructions of a stage of the guard, counted by callgrind.
import { spawnSync } from 'node:child_process';

/**
 * Runs `stage` of the guard's program under callgrind: what it prints, and the instructions between entering and leaving `count_this_stage`. Throws where
 * the program fails or nothing was counted.
 */
export function callgrind(binary, stage) {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=*count_this_stage*'];
  const { status, stdout, stderr, error } = spawnSync('valgrind', [...options, binary, stage], { encoding: 'utf8' });
  const instructions = Number(/Collected : (\d+)/.exec(stderr ?? '')?.[1]);
  if (status !== 0 || !(instructions > 0)) throw new Error(`valgrind counted nothing of ${stage}:\n${stderr ?? error}`);
  return { stdout, instructions };
}
