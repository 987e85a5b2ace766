/** Of this head-end, as it is told and written into backups. */
export const version = '0.1.0';
