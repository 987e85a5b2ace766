import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Whether this machine and user can mount a disk of their own. */
export function cannotMount(): boolean {
  try {
    new SmallDisk(1).end();
    return false;
  } catch {
    return true;
  }
}

/** Whether a disk can be made here that turns read-only under the files that are open on it, as a worn card does. */
export function cannotTurnReadOnly(): boolean {
  let disk: WornDisk | undefined;
  try {
    disk = new WornDisk();
    disk.turnReadOnly();
    return false;
  } catch {
    return true;
  } finally {
    disk?.end();
  }
}

/** A disk in memory, with room for so many megabytes. */
export class SmallDisk {
  readonly path: string;

  constructor(megabytes: number) {
    this.path = mkdtempSync(join(tmpdir(), 'disk-'));
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.path);
    } catch (error) {
      rmSync(this.path, { recursive: true });
      throw error;
    }
  }

  /** Takes all the room that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path);
    for (let left = bavail; left > 0; left = statfsSync(this.path).bavail)
      try {
        writeFileSync(join(this.path, `ballast-${left}`), Buffer.alloc(left * bsize));
      } catch {
        truncateSync(join(this.path, `ballast-${left}`), Math.max(0, left - 1) * bsize);
      }
  }

  free(): void {
    for (const name of execFileSync('ls', [this.path], { encoding: 'utf8' }).split('\n'))
      if (name.startsWith('ballast-')) rmSync(join(this.path, name));
  }

  end(): void {
    spawnSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** An ext4 disk on a loop device, mounted as most are: an error of its file system turns it read-only at once. */
export class WornDisk {
  readonly path: string;
  readonly #images: string;
  #image: string;

  constructor() {
    this.#images = mkdtempSync(join(tmpdir(), 'images-'));
    this.#image = join(this.#images, '1.img');
    this.path = join(this.#images, 'mounted');
    mkdirSync(this.path);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, 32 * 1024 * 1024);
    run('mkfs.ext4', '-q', '-F', this.#image);
    this.#mount();
  }

  turnReadOnly(): void {
    const device = run('findmnt', '-n', '-o', 'SOURCE', this.path).trim();
    writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1');
    if (
      !/\b(emergency_)?ro\b/.test(
        readFileSync('/proc/mounts', 'utf8')
          .split('\n')
          .find((line) => line.includes(this.path)) ?? '',
      )
    )
      throw new Error('it did not turn read-only');
  }

  /** As a technician does: checked, and mounted again, while the program still holds files of before. */
  mend(): void {
    const mended = join(this.#images, 'mended.img');
    copyFileSync(this.#image, mended);
    run('umount', '-l', this.path);
    spawnSync('e2fsck', ['-f', '-y', mended]);
    this.#image = mended;
    this.#mount();
  }

  end(): void {
    spawnSync('umount', ['-l', this.path]);
    rmSync(this.#images, { recursive: true, force: true });
  }

  #mount(): void {
    run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.path);
  }
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
