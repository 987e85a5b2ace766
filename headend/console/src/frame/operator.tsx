import { createContext, useContext } from 'react';
import type { SessionView } from '../../../src/api/operator-contract.ts';

/** Who signed in; there is a console only for somebody. */
export const OperatorContext = createContext<SessionView | undefined>(undefined);

export function useOperator(): SessionView {
  const session = useContext(OperatorContext);
  if (session === undefined) throw new Error('a part of the console stands outside of OperatorContext');
  return session;
}
