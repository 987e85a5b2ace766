import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { FleetRow } from '../../../src/api/contract.ts';
import type { ApiClient } from './api-client.ts';
import type { Answer } from './asking.ts';
import type { FleetStore, Link, Subject } from './fleet-store.ts';
import type { MeterClient } from './meter-client.ts';
import type { NetworkClient } from './network-client.ts';
import type { PeopleClient } from './people-client.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { SessionState } from './session-state.ts';

export type ConsoleParts = {
  readonly store: FleetStore;
  readonly api: ApiClient;
  readonly network: NetworkClient;
  readonly meters: MeterClient;
  readonly people: PeopleClient;
  readonly session: SessionKeeper;
};

export const ConsoleContext = createContext<ConsoleParts | undefined>(undefined);

export function useConsole(): ConsoleParts {
  const parts = useContext(ConsoleContext);
  if (parts === undefined) throw new Error('a part of the console stands outside of ConsoleContext');
  return parts;
}

export function useStore<T>(subject: Subject, read: (store: FleetStore) => T): T {
  const { store } = useConsole();
  const take = (): T => read(store);
  const subscribe = useCallback((listener: () => void) => store.subscribe(subject, listener), [store, subject]);
  return useSyncExternalStore(subscribe, take, take);
}

export function useRow(id: string): FleetRow | undefined {
  const { store } = useConsole();
  const take = (): FleetRow | undefined => store.row(id);
  const subscribe = useCallback((listener: () => void) => store.subscribeRow(id, listener), [store, id]);
  return useSyncExternalStore(subscribe, take, take);
}

export function useLink(): Link {
  return useStore('link', (store) => store.link());
}

/** Head-end time, renewed each second; before the first frame the viewer's own. */
export function useNow(): number {
  return useStore('tick', (store) => store.second());
}

export function useSessionState(): SessionState {
  const { session } = useConsole();
  return useSyncExternalStore(session.subscribe, session.state, session.state);
}

export type Query<T> = { readonly value: T | undefined; readonly say: string | undefined; readonly reload: () => void };

/**
 * Asks once for each new `key`, and again on `reload` and when somebody has signed in again. A failed renewal keeps the last value and tells `say`; while a new key of
 * the same `family` is asked for, the value of the one before stays.
 */
export function useQuery<T>(key: string, ask: (signal: AbortSignal) => Promise<Answer<T>>, family = key): Query<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ family: string; value?: T; say?: string }>({ family });
  const session = useSessionState();
  const signedInAtMs = 'session' in session ? session.session.startedAtMs : undefined;
  useEffect(() => {
    const stop = new AbortController();
    const take = (answer: Answer<T>): void => {
      if (stop.signal.aborted) return;
      if (answer.ok) setState({ family, value: answer.value });
      else setState((before) => ({ ...(before.family === family ? before : { family }), say: answer.say }));
    };
    void ask(stop.signal).then(take);
    return () => stop.abort();
    // `ask` is made anew with each drawing; `key` names what it asks for.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key, family, turn, signedInAtMs]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  const current = state.family === family ? state : undefined;
  return { value: current?.value, say: current?.say, reload };
}
