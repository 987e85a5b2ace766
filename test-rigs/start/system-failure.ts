/** What the operating system refused: an open, a write, a folder. Anything else that is thrown is a fault of the program. */
export function isFailure(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** In words, with the path where there is one, and what to do. */
export function plainly({ code, path, message }: NodeJS.ErrnoException): string {
  const at = path === undefined ? '' : `${path}: `;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${at}not allowed to write there; give yourself the right, or use another --data`;
    case 'ENOENT':
      return `${at}nothing can be made there; use another --data`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${at}a file lies where a folder is needed; move it, or use another --data`;
    case 'EISDIR':
      return `${at}a folder lies where a file is needed; move it, or use another --data`;
    case 'ENOSPC':
      return `${at}the disk is full; make room, or use another --data`;
    default:
      return message;
  }
}
