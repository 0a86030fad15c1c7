/** What `stage` prints, and its instructions; throws where the program fails or nothing was counted. */
export function callgrind(binary: string, stage: string): { readonly stdout: string; readonly instructions: number };
