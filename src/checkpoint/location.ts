// What users call a checkpoint's place.
import { fileURLToPath } from 'node:url';

/** The path of a location: a path or a `file:` URL. */
export function checkpointPath(location: string): string {
  return location.startsWith('file:') ? fileURLToPath(location) : location;
}
