// The disks of a simulated machine: they fail one by one and lose power together.
import { native } from '../../dist/native/load.js';
import type { Random } from './random.ts';

/** One of the machine's disks, by its number at the border. */
export interface SimulatedDisk {
  readonly number: number;
  /** Whether writes may land in another file of it, which destroys what was durable. */
  readonly mayDestroy: boolean;
}

/** What a query of a simulation writes to. */
export class Disks {
  readonly checkpoint: SimulatedDisk;
  /** Files of rows have no checksums in Spark's formats: their disk destroys nothing that was durable. */
  readonly output: SimulatedDisk;
  readonly late: SimulatedDisk;

  constructor(seed: number, mayDestroy: boolean) {
    this.checkpoint = { number: native.simulateDisk(seed), mayDestroy };
    this.output = { number: native.simulateDisk(seed + 1), mayDestroy: false };
    this.late = { number: native.simulateDisk(seed + 2), mayDestroy: false };
  }

  /** Faults of one kind from here on, and perhaps a cut of power when one of the disks has changed so often. */
  disturb(random: Random): void {
    const kind = random.below(4);
    const cut = random.below(2) === 0 ? undefined : this.#all[random.below(this.#all.length)];
    for (const disk of this.#all) {
      native.disturbDisk(disk.number, JSON.stringify(faultsOf(kind, disk)), disk === cut ? random.below(60) : -1);
    }
  }

  /** One of the disks takes so many bytes more, and is full. */
  fill(disk: SimulatedDisk, bytes: number): void {
    native.disturbDisk(disk.number, JSON.stringify({ spaceLeft: bytes }), -1);
  }

  calm(): void {
    for (const { number } of this.#all) native.disturbDisk(number, '{}', -1);
  }

  losePower(): void {
    for (const { number } of this.#all) native.losePower(number);
  }

  forget(): void {
    for (const { number } of this.#all) native.forgetDisk(number);
  }

  get #all(): readonly SimulatedDisk[] {
    return [this.checkpoint, this.output, this.late];
  }
}

/** The location of a disk, for a checkpoint or a sink. */
export function locationOf({ number }: SimulatedDisk): string {
  return `simulated:${number}`;
}

function faultsOf(kind: number, { mayDestroy }: SimulatedDisk): Record<string, number> {
  switch (kind) {
    case 0:
      return { ioError: 20 };
    case 1:
      return { noSpace: 20 };
    case 2:
      return { bitFlip: 20, staleRead: 20, ...(mayDestroy ? { misdirectedWrite: 20 } : {}) };
    default:
      return {};
  }
}
