import { expect, test } from 'vitest';
import { contactOf } from './contact.ts';

test.each([
  { what: 'a meter', capabilities: ['meter', 'service-switch'], contact: 'open' },
  { what: 'a feeder breaker', capabilities: ['breaker', 'meter'], contact: 'closed' },
  { what: 'a generator', capabilities: ['generation', 'breaker'], contact: 'closed' },
] as const)('$what shows $contact', ({ capabilities, contact }) => {
  expect(contactOf({ capabilities, switchState: 'open', breakerState: 'closed' })).toBe(contact);
  expect(contactOf({ capabilities })).toBeUndefined();
});
