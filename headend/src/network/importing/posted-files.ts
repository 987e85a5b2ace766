import { posix } from 'node:path';
import type { NetworkFiles, NetworkImport } from './import-network.ts';

/** `include`: what the script of `network` names; `customers` and `meters`: tables. */
const roles = ['network', 'include', 'customers', 'meters'] as const;
type Role = (typeof roles)[number];

export const mostPostedFiles = 200;
const longestName = 200;
const pieceLength = 1 << 16;

type Posted = Pick<NetworkImport, 'file' | 'customers' | 'meters' | 'files'>;

/**
 * The files of a form (multipart/form-data, a part each), kept in memory: a script that came from outside reads nothing of this machine.
 * Throws Error where the form is not as it should be.
 */
export async function postedFiles(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<Posted> {
  const texts = new Map<string, string>();
  const names = new Map<Role, string>();
  for (const [role, file] of await formOf(body, contentType)) {
    if (!isRole(role)) throw new Error(`the form has a part ${role.slice(0, 60)}: it is ${roles.join(', ')}`);
    if (typeof file === 'string') throw new Error(`the part ${role} is no file: give it a filename`);
    const name = nameOf(file.name);
    if (name === '' || name.length > longestName || /\p{Cc}/u.test(name))
      throw new Error(`the part ${role} has no name of a file`);
    if (texts.has(name.toLowerCase())) throw new Error(`${name} came twice`);
    if (names.has(role) && role !== 'include') throw new Error(`${role} is one file, and ${name} is another`);
    if (texts.size >= mostPostedFiles) throw new Error(`these are more than ${mostPostedFiles} files`);
    texts.set(name.toLowerCase(), await file.text());
    names.set(role, name);
  }
  const [file, customers, meters] = [names.get('network'), names.get('customers'), names.get('meters')];
  if (file === undefined) throw new Error('the form has no part network, the script or CIM file that all begins with');
  return {
    file,
    ...(customers === undefined ? {} : { customers }),
    ...(meters === undefined ? {} : { meters }),
    files: filesIn(texts),
  };
}

async function formOf(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    // It keeps the whole form in memory: of a process that has its bounds, as the form has.
    // oxlint-disable-next-line typescript/no-deprecated
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw new Error('it is no form of files (multipart/form-data)', { cause: error });
  }
}

const isRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

/** Names have no capitals of their own, and what lies outside of the set begins where the set begins. */
const nameOf = (path: string): string =>
  posix.normalize(`/${path.replaceAll('\\', '/').replace(/^[a-z]:/i, '')}`).slice(1);

/** By its path, or else by its name alone, where one file is called so: browsers send no folders. `texts`: by name without capitals. */
export function filesIn(texts: ReadonlyMap<string, string>): NetworkFiles {
  const called = Map.groupBy(texts.keys(), (name) => posix.basename(name));
  const found = (path: string): string | undefined => {
    const name = nameOf(path).toLowerCase();
    if (texts.has(name)) return name;
    const [one, another] = called.get(posix.basename(name)) ?? [];
    return another === undefined ? one : undefined;
  };
  const read = (path: string): string | undefined => texts.get(found(path) ?? '');
  return {
    read,
    // A file has one path, however it is called: a script that redirects to itself is found by it.
    join: (folder, path) => {
      const joined = nameOf(/^([a-z]:)?[\\/]/i.test(path) ? path : `${folder}/${path}`);
      return found(joined) ?? joined;
    },
    folderOf: (path) => posix.dirname(path),
    *chunks(path) {
      const text = read(path);
      if (text === undefined) throw new Error(`${path} did not come along`);
      // Who reads on after a fault reads a piece, and not all.
      for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength);
    },
  };
}
