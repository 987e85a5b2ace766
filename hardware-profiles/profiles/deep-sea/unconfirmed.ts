/**
 * Registers for which no public source was found that confirms them. Each is to be checked at commissioning, with a witness,
 * before a command of this device is trusted; and this is the one place to change them.
 */
export const unconfirmed = {
  // Deep Sea's own paper says that states such as "generator closed" are told by a virtual LED, an output or a configurable
  // GenComm register that the installer sets up. We take the first configurable page, set up in this order, 0 or 1 each.
  generatorClosed: 166 * 256,
  synchronising: 166 * 256 + 1,
  // Page 4, after the mains: bus frequency and bus phase voltage, in the manner of the generator's own.
  busFrequency: 4 * 256 + 67,
  busVoltageL1N: 4 * 256 + 68,
  // A public register library has these two for the DSE 7310 and 7320; for the 8610 and 8620 nothing was found.
  mainsFrequency: 4 * 256 + 35,
  mainsVoltageL1N: 4 * 256 + 36,
} as const;
