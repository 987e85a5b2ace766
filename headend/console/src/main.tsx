import { createRoot } from 'react-dom/client';
import 'uplot/dist/uPlot.min.css';
import './design/tokens.css';
import './design/base.css';
import './design/page.css';
import './fleet/fleet.css';
import './device/device.css';
import './command/command.css';
import './sites/sites.css';
import './files/files.css';
import './group/group.css';
import './people/people.css';
import './network/network.css';
import './load/load.css';
import './meters/meters.css';
import { SignedIn } from './frame/signed-in.tsx';
import { ApiClient } from './live/api-client.ts';
import { Asking } from './live/asking.ts';
import { ConsoleContext } from './live/console-context.tsx';
import { FleetStore } from './live/fleet-store.ts';
import { MeterClient } from './live/meter-client.ts';
import { NetworkClient } from './live/network-client.ts';
import { PeopleClient } from './live/people-client.ts';
import { Presence } from './live/presence.ts';
import { SessionKeeper } from './live/session-keeper.ts';
import { isLive, pageOf } from './live/session-state.ts';
import { LiveStream, sourceOf } from './live/stream.ts';

const tellPresenceMs = 60_000;

/** The only wiring of the console. */
const store = new FleetStore();
const session = new SessionKeeper();
const presence = new Presence();
const asking = new Asking(
  {
    csrfToken: () => session.csrfToken(),
    ended: session.ended,
    signInAgain: session.signInAgain,
    takeUp,
    isAtWork: () => presence.isAtWork(performance.now()),
  },
  (input, init) => fetch(input, init),
);
const people = new PeopleClient(asking);
const stream = new LiveStream({
  open: () => sourceOf(new EventSource('/api/stream')),
  onFrame: (frame) => {
    store.apply(frame, performance.now());
    store.tick(performance.now(), Date.now());
    store.setLink({ state: 'up' });
    // A stream belongs to the session that opened it; this page may have signed in again since, and then goes on.
    if (frame.type === 'goodbye' && frame.reason !== 'slow' && frame.reason !== 'stopping') void takeUp();
  },
  onDown: linkDown,
});

function linkDown(): void {
  store.setLink({ state: 'down', sinceMs: store.now(performance.now()) ?? Date.now() });
}

/** True: another page of this browser signed in as the same person, and this one goes on with that session. */
async function takeUp(): Promise<boolean> {
  const before = session.state();
  const now = await people.session();
  if (!now.ok) return false;
  session.told(now.value);
  return 'session' in before && before.session.name === now.value?.name;
}

let [listening, shownTo] = [false, pageOf(session.state())];
session.subscribe(() => {
  const shown = pageOf(session.state());
  if (shown !== shownTo) store.forget();
  shownTo = shown;
  const wanted = isLive(session.state());
  if (wanted === listening) return;
  listening = wanted;
  if (wanted) return stream.start();
  stream.stop();
  if (shown !== undefined) linkDown();
});
for (const kind of ['pointerdown', 'keydown', 'wheel']) addEventListener(kind, () => presence.note(performance.now()));
setInterval(() => {
  if (listening && presence.isNew(performance.now()))
    void people.session().then((answer) => answer.ok && session.told(answer.value));
}, tellPresenceMs);
store.tick(performance.now(), Date.now());
setInterval(() => store.tick(performance.now(), Date.now()), 250);

const element = document.querySelector('#console');
if (element === null) throw new Error('index.html has no element #console');
createRoot(element).render(
  <ConsoleContext
    value={{
      store,
      api: new ApiClient(asking),
      network: new NetworkClient(asking),
      meters: new MeterClient(asking),
      people,
      session,
    }}
  >
    <SignedIn />
  </ConsoleContext>,
);
