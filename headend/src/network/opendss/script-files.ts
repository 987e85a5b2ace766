import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** Where scripts and their tables are read from. */
export type ScriptFiles = {
  /** Undefined: it is not there or cannot be read. */
  read(path: string): string | undefined;
  join(folder: string, path: string): string;
  folderOf(path: string): string;
};

/** The disk. Names are found whatever their capitals, for the scripts are written where that does not matter. */
export const diskFiles: ScriptFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      const other = spelledOtherwise(path);
      return other === undefined ? undefined : readFileSync(other, 'utf8');
    }
  },
  join(folder, path) {
    const plain = path.replaceAll('\\', '/');
    return isAbsolute(plain) ? plain : join(folder, plain);
  },
  folderOf: dirname,
};

function spelledOtherwise(path: string): string | undefined {
  const [folder, name] = [dirname(path), basename(path).toLowerCase()];
  try {
    const found = readdirSync(folder, { withFileTypes: true }).find(
      (each) => each.isFile() && each.name.toLowerCase() === name,
    );
    return found === undefined ? undefined : join(folder, found.name);
  } catch {
    return undefined;
  }
}
