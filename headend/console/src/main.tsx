import { createRoot } from 'react-dom/client';
import 'uplot/dist/uPlot.min.css';
import './design/tokens.css';
import './design/base.css';
import './design/page.css';
import './fleet/fleet.css';
import './device/device.css';
import './command/command.css';
import './sites/sites.css';
import type { SessionView } from '../../src/api/operator-contract.ts';
import { SignedIn } from './frame/signed-in.tsx';
import { ApiClient } from './live/api-client.ts';
import { ConsoleContext } from './live/console-context.tsx';
import { FleetStore } from './live/fleet-store.ts';
import { LiveStream, sourceOf } from './live/stream.ts';

/** The only wiring of the console. */
const store = new FleetStore();
let session: SessionView | undefined;
let ended = (): void => undefined;
const api = new ApiClient({ csrfToken: () => session?.csrfToken, onEnded: () => ended() }, (input, init) =>
  fetch(input, init),
);
const stream = new LiveStream({
  open: () => sourceOf(new EventSource('/api/stream')),
  onFrame: (frame) => {
    store.apply(frame, performance.now());
    store.tick(performance.now(), Date.now());
    store.setLink({ state: 'up' });
    if (frame.type === 'goodbye' && frame.reason === 'signed-out') ended();
  },
  onDown: () => store.setLink({ state: 'down', sinceMs: store.now(performance.now()) ?? Date.now() }),
});
store.tick(performance.now(), Date.now());
setInterval(() => store.tick(performance.now(), Date.now()), 250);

const element = document.querySelector('#console');
if (element === null) throw new Error('index.html has no element #console');
createRoot(element).render(
  <ConsoleContext value={{ store, api }}>
    <SignedIn
      api={api}
      onSession={(next) => {
        stream.stop();
        session = next;
        if (next !== undefined) stream.start();
      }}
      listen={(hear) => (ended = hear)}
    />
  </ConsoleContext>,
);
