// The newest glibc that a 64-bit little-endian ELF file asks for, from its version needs (.gnu.version_r).

const SECTION_VERSION_NEEDS = 0x6ffffffe;

/** @returns {string} such as '2.17'; '0' where the file asks for none */
export function highestGlibc(file) {
  if (file.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('not a 64-bit little-endian ELF file');
  return (
    versionNeeds(file)
      .filter((name) => /^GLIBC_[0-9.]+$/.test(name))
      .map((name) => name.slice('GLIBC_'.length))
      .sort((left, right) => left.localeCompare(right, 'en', { numeric: true }))
      .at(-1) ?? '0'
  );
}

function versionNeeds(file) {
  const sections = readSections(file);
  const needs = sections.find(({ type }) => type === SECTION_VERSION_NEEDS);
  if (needs === undefined) return [];
  const strings = sections[needs.link].offset;
  const nameAt = (offset) => file.toString('latin1', strings + offset, file.indexOf(0, strings + offset));
  const names = [];
  // A chain of libraries, each with a chain of versions; each link holds the distance to the next.
  for (let library = needs.offset, left = needs.info; left > 0; left--) {
    const versions = file.readUInt16LE(library + 2);
    for (let version = library + file.readUInt32LE(library + 8), index = 0; index < versions; index++) {
      names.push(nameAt(file.readUInt32LE(version + 8)));
      version += file.readUInt32LE(version + 12);
    }
    library += file.readUInt32LE(library + 12);
  }
  return names;
}

function readSections(file) {
  const table = Number(file.readBigUInt64LE(0x28));
  const entryBytes = file.readUInt16LE(0x3a);
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, index) => {
    const entry = table + index * entryBytes;
    return {
      type: file.readUInt32LE(entry + 4),
      offset: Number(file.readBigUInt64LE(entry + 0x18)),
      link: file.readUInt32LE(entry + 0x28),
      info: file.readUInt32LE(entry + 0x2c),
    };
  });
}
