// Whether a TypeScript file is an ES module or CommonJS: its extension, its package's "type", else its own syntax.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { compileFunction } from 'node:vm';

export type PackageType = 'module' | 'commonjs' | null;

const packageTypes = new Map<string, PackageType>();

/** The "type" of the package that `path` belongs to; null where it has none. */
export function packageType(path: string): PackageType {
  return folderType(dirname(path));
}

/** `code` is the file's text without types. */
export function moduleFormat(path: string, code: string): 'module' | 'commonjs' {
  const extension = extname(path);
  if (extension === '.mts') return 'module';
  if (extension === '.cts') return 'commonjs';
  return packageType(path) === 'module' || hasModuleSyntax(code) ? 'module' : 'commonjs';
}

function folderType(folder: string): PackageType {
  const known = packageTypes.get(folder);
  if (known !== undefined) return known;
  const type = readFolderType(folder);
  packageTypes.set(folder, type);
  return type;
}

function readFolderType(folder: string): PackageType {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { type } = JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown };
    return type === 'module' || type === 'commonjs' ? type : null;
  }
  const parent = dirname(folder);
  return parent === folder || basename(folder) === 'node_modules' ? null : folderType(parent);
}

/** Node's own test: code that compiles as the body of a CommonJS function is CommonJS, unless only `import`, `export` or `await` stop it. */
function hasModuleSyntax(code: string): boolean {
  try {
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname']);
    return false;
  } catch (error) {
    return /import statement outside|Unexpected token 'export'|import\.meta|await is only valid/.test(String(error));
  }
}
