// Which build of the addon this process needs.
import { closeSync, openSync, readSync } from 'node:fs';

/** `linux-x64-gnu`, `darwin-arm64`, …: the suffix of the platform's package and of its `.node` file. */
export function platformName(): string {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  return `${platform}-${arch}`;
}

/** Bytes of an executable that hold its program headers and the name of its loader. */
const HEADER_BYTES = 2048;

/** Node's executable names the loader of its C library. Where it does not, its diagnostic report says which glibc it runs on, if any. */
function isMusl(): boolean {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const file = openSync(process.execPath, 'r');
    readSync(file, header, 0, HEADER_BYTES, 0);
    closeSync(file);
  } catch {
    // A report is slower, and needs no file.
  }
  if (header.includes('/ld-musl-')) return true;
  return !header.includes('/ld-linux') && !reportsGlibc();
}

function reportsGlibc(): boolean {
  // Without the network section, since the report would otherwise look up every open socket's peer.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  return header.glibcVersionRuntime !== undefined;
}
