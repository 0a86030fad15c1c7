// Runners that a thread keeps for the tasks to come, by the stage that they are for.

/** As many stages as are likely to run at once. */
const RUNNERS_MAX = 16;

/** The runners that were used last. */
export class RecentRunners<T> {
  readonly #runners = new Map<string, Promise<T>>();

  /** The runner of a name, made where it is not known. One that can't be made is tried again the next time. */
  get(name: string, make: () => Promise<T>): Promise<T> {
    const runners = this.#runners;
    const known = runners.get(name) ?? make();
    // The one that was used last stands last: the first is the one to go.
    runners.delete(name);
    runners.set(name, known);
    known.catch(() => runners.delete(name));
    for (const oldest of runners.keys()) {
      if (runners.size <= RUNNERS_MAX) break;
      runners.delete(oldest);
    }
    return known;
  }
}
