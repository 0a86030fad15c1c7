// Whether the sources of a query are those whose offsets its checkpoint has: as many, each of the kind that it was.
import { MillraceError } from '../error/millrace-error.js';
import { kindOfOffset, offsetJson } from '../source/offset.js';
import type { Offset, Source } from '../source/source.js';

/** The offsets of a checkpoint, by source; null where nothing was logged. */
export type StoredOffsets = readonly (Offset | null)[] | null;

/** Refuses a query of another number of sources, as Spark does. Throws CHECKPOINT_SOURCES_CHANGED. */
export function checkSourceCount(count: number, stored: StoredOffsets, path: string): void {
  if (stored === null || stored.length === count) return;
  throw changed(
    path,
    `there are [${stored.length}] sources in the checkpoint offsets and now there are [${count}] sources requested by the query`,
  );
}

/** Refuses a source for which the stored offset says nothing. Throws CHECKPOINT_SOURCES_CHANGED. */
export function checkSourceKind({ description, offsetKind }: Source, position: number, stored: StoredOffsets, path: string): void {
  const offset = stored?.[position] ?? null;
  if (offset === null || offsetKind === undefined || kindOfOffset(offset) === offsetKind) return;
  throw changed(path, `source ${position} was at ${offsetJson(offset)}, which is no offset of ${description}`);
}

function changed(path: string, difference: string): MillraceError {
  return new MillraceError('CHECKPOINT_SOURCES_CHANGED', { parameters: { path, difference }, context: { path } });
}
