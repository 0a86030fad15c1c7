// Which build of the addon this process needs.

/** `linux-x64-gnu`, `darwin-arm64`, …: the suffix of the platform's package and of its `.node` file. */
export function platformName(): string {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  return `${platform}-${arch}`;
}

/** A process on glibc says so in its diagnostic report; one on musl does not. */
function isMusl(): boolean {
  // Without the network section, since the report would otherwise look up every open socket's peer.
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  return header.glibcVersionRuntime === undefined;
}
