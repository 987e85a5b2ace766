import type { OperatorCreated, Role } from '@tiepoint/headend/api/operator-contract.ts';
import type { Page } from 'playwright-core';
import type { Line } from './line.ts';

/** An account is made, and its owner signs in at the console for the first time. */
export async function signInAtConsole(page: Page, line: Line, name: string, ...roles: readonly Role[]): Promise<void> {
  const admin = await line.api.crew.administrator();
  const grants = roles.map((role) => ({ role, areas: 'all' }));
  const made = await admin.call<OperatorCreated>('POST', '/api/operators', { name, grants });
  const given = made.oneTime?.password ?? '';
  await page.getByTestId('sign-in-name').fill(name);
  await page.getByTestId('sign-in-password').fill(given);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('password-current').fill(given);
  await page.getByTestId('password-next').fill('four words of one’s own');
  await page.getByTestId('password-again').fill('four words of one’s own');
  await page.getByTestId('sign-in-submit').click();
  await page.getByRole('navigation').waitFor();
}
