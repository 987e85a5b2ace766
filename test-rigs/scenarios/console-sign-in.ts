import type { Grant, OperatorCreated, Role } from '@tiepoint/headend/api/operator-contract.ts';
import type { Page } from 'playwright-core';
import type { Line } from './line.ts';

export const ownPassword = 'four words of one’s own';

/** An account is made, and its owner signs in at the console for the first time. */
export async function signInAtConsole(
  page: Page,
  line: Line,
  name: string,
  ...granted: readonly (Role | Grant)[]
): Promise<void> {
  const given = await makeAccount(line, name, ...granted);
  await giveNameAndPassword(page, name, given);
  await page.getByTestId('password-current').fill(given);
  await page.getByTestId('password-next').fill(ownPassword);
  await page.getByTestId('password-again').fill(ownPassword);
  await page.getByTestId('sign-in-submit').click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** Resolves to the one-time password that its owner is told. */
export async function makeAccount(line: Line, name: string, ...granted: readonly (Role | Grant)[]): Promise<string> {
  const admin = await line.api.crew.administrator();
  const grants = granted.map((each): Grant => (typeof each === 'string' ? { role: each, areas: 'all' } : each));
  const made = await admin.call<OperatorCreated>('POST', '/api/operators', { name, grants });
  return made.oneTime?.password ?? '';
}

export async function giveNameAndPassword(page: Page, name: string, password: string): Promise<void> {
  await page.getByTestId('sign-in-name').fill(name);
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-submit').click();
}
