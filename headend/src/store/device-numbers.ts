import type { DatabaseSync } from 'node:sqlite';

export type DeviceNumbers = {
  /** Gives a number where there is none yet. */
  of(deviceKey: string): number;
  find(deviceKey: string): number | undefined;
  forget(): void;
};

/** Devices are numbers in the large tables. A number is given once and for ever. */
export function deviceNumbers(db: DatabaseSync): DeviceNumbers {
  const known = new Map<string, number>();
  const select = db.prepare('SELECT number FROM device WHERE device_key = ?');
  const insert = db.prepare('INSERT INTO device (device_key) VALUES (?) RETURNING number');
  const find = (deviceKey: string): number | undefined => {
    const before = known.get(deviceKey);
    if (before !== undefined) return before;
    const row = select.get(deviceKey);
    if (row === undefined) return undefined;
    const number = Number(row['number']);
    known.set(deviceKey, number);
    return number;
  };
  return {
    find,
    of: (deviceKey) => {
      const found = find(deviceKey);
      if (found !== undefined) return found;
      const number = Number(insert.get(deviceKey)?.['number']);
      known.set(deviceKey, number);
      return number;
    },
    forget: () => known.clear(), // a transaction that was rolled back may have taken numbers back with it
  };
}
