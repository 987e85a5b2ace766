import { createRoot } from 'react-dom/client';
import 'uplot/dist/uPlot.min.css';
import './design/tokens.css';
import './design/base.css';
import './design/page.css';
import './fleet/fleet.css';
import './device/device.css';
import './command/command.css';
import './sites/sites.css';
import { storedName, storeName } from './frame/operator-name.ts';
import { Shell } from './frame/shell.tsx';
import { ApiClient } from './live/api-client.ts';
import { ConsoleContext } from './live/console-context.tsx';
import { FleetStore } from './live/fleet-store.ts';
import { LiveStream, sourceOf } from './live/stream.ts';

/** The only wiring of the console. */
const store = new FleetStore();
let operator = storedName(localStorage);
const api = new ApiClient(
  () => operator,
  (input, init) => fetch(input, init),
);
const operatorName = {
  read: (): string | undefined => operator,
  write: (name: string): void => {
    operator = name;
    storeName(localStorage, name);
  },
};
const stream = new LiveStream({
  open: () => sourceOf(new EventSource('/api/stream')),
  onFrame: (frame) => {
    store.apply(frame, performance.now());
    store.tick(performance.now(), Date.now());
    store.setLink({ state: 'up' });
  },
  onDown: () => store.setLink({ state: 'down', sinceMs: store.now(performance.now()) ?? Date.now() }),
});
store.tick(performance.now(), Date.now());
stream.start();
setInterval(() => store.tick(performance.now(), Date.now()), 250);

const element = document.querySelector('#console');
if (element === null) throw new Error('index.html has no element #console');
createRoot(element).render(
  <ConsoleContext value={{ store, api }}>
    <Shell operatorName={operatorName} />
  </ConsoleContext>,
);
