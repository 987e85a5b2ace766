import { expect, test } from 'vitest';
import { SignInThrottle } from './sign-in-throttle.ts';

const from = (name: string, address: string, known = false) => ({ name, address, known });

test('five failures are free; then the wait doubles, up to a quarter of an hour', () => {
  const throttle = new SignInThrottle();
  let nowMs = 0;
  const waits: number[] = [];
  for (let count = 0; count < 18; count += 1) {
    const waitMs = throttle.failed(from('ada', 'a', true), nowMs);
    waits.push(waitMs / 1_000);
    nowMs += waitMs;
  }
  expect(waits).toEqual([0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
  throttle.succeeded(from('ada', 'a'));
  expect(throttle.failed(from('ada', 'a', true), nowMs)).toBe(0);
});

test('who guesses at one account from one place keeps nobody else out', () => {
  const throttle = new SignInThrottle();
  for (let count = 0; count < 200; count += 1) throttle.failed(from('ada', 'attacker'), 0);
  expect(throttle.waitMs(from('ada', 'attacker'), 0)).toBeGreaterThan(0);
  expect(throttle.waitMs(from('ada', 'office', true), 0)).toBe(0);
  expect(throttle.waitMs(from('bob', 'elsewhere'), 0)).toBe(0);
});

test('an address that fails at many accounts waits, and an account that is guessed at from many addresses, by strangers', () => {
  const many = new SignInThrottle();
  for (let count = 0; count < 40; count += 1) many.failed(from(`name-${count}`, 'attacker'), 0);
  expect(many.waitMs(from('fresh', 'attacker'), 0)).toBeGreaterThan(0);
  // Who signed in from there before, such as the people behind the same router, goes on.
  expect(many.waitMs(from('ada', 'attacker', true), 0)).toBe(0);
  const botnet = new SignInThrottle();
  for (let count = 0; count < 60; count += 1) botnet.failed(from('ada', `bot-${count}`), 0);
  expect(botnet.waitMs(from('ada', 'bot-100'), 0)).toBeGreaterThan(0);
  expect(botnet.waitMs(from('ada', 'office', true), 0)).toBe(0);
});

test('a clock that is set back makes no wait longer', () => {
  const throttle = new SignInThrottle();
  for (let count = 0; count < 6; count += 1) throttle.failed(from('ada', 'a'), 1e12);
  expect(throttle.waitMs(from('ada', 'a'), 0)).toBe(4_000);
});

test('it does not ask whether there is such an account', () => {
  const [real, none] = [new SignInThrottle(), new SignInThrottle()];
  for (let count = 0; count < 12; count += 1)
    expect(none.failed(from('nobody', 'a'), 0)).toBe(real.failed(from('ada', 'a'), 0));
});
