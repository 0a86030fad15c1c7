/** Such as '2.17'; '0' where the file asks for none. */
export function highestGlibc(file: Buffer): string;
