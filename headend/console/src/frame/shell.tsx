import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { ApprovalBanner } from '../approvals/approval-banner.tsx';
import { CommandsPage } from '../command/commands-page.tsx';
import { DevicePage } from '../device/device-page.tsx';
import { FleetPage } from '../fleet/fleet-page.tsx';
import { GatewaysPage } from '../gateways/gateways-page.tsx';
import { useLink, useNow, useSessionState, useStore } from '../live/console-context.tsx';
import { ElementPage } from '../load/element-page.tsx';
import { LoadsPage } from '../load/loads-page.tsx';
import { MeterPage } from '../meters/meter-page.tsx';
import { MetersPage } from '../meters/meters-page.tsx';
import { ModeBanner } from '../modes/mode-banner.tsx';
import { ModesPage } from '../modes/modes-page.tsx';
import { CircuitPage } from '../network/circuit-page.tsx';
import { NetworkPage } from '../network/network-page.tsx';
import { AccountPage } from '../people/account-page.tsx';
import { OperatorsPage } from '../people/operators-page.tsx';
import { AuditPage } from '../records/audit-page.tsx';
import { EventsPage } from '../records/events-page.tsx';
import { ImportPage } from '../sites/import-page.tsx';
import { SitePage } from '../sites/site-page.tsx';
import { SitesPage } from '../sites/sites-page.tsx';
import { durationText, isoText, timeText } from '../words/time.ts';
import { Mark } from '../design/marks.tsx';
import { HealthBanner } from './health-banner.tsx';
import { formatRoute, parseRoute } from './route.ts';
import type { Route } from './route.ts';
import { SessionBanner } from './session-banner.tsx';
import { WhoMenu } from './who-menu.tsx';

/** Header, banner, page. */
export function Shell(): JSX.Element {
  const route = useRoute();
  return (
    <div className="shell">
      <Bar route={route} />
      <LinkBanner />
      <SessionBanner />
      <HealthBanner />
      <ModeBanner />
      <ApprovalBanner />
      <Page route={route} />
    </div>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setRoute(parseRoute(location.hash));
      window.scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function Page({ route }: { route: Route }): JSX.Element {
  switch (route.page) {
    case 'fleet':
      return <FleetPage />;
    case 'device':
      return <DevicePage key={route.id} id={route.id} />;
    case 'commands':
      return <CommandsPage />;
    case 'events':
      return <EventsPage />;
    case 'audit':
      return <AuditPage key={route.subject} subject={route.subject} />;
    case 'gateways':
      return <GatewaysPage />;
    case 'network':
      return <NetworkPage key={route.at} route={route} />;
    case 'circuit':
      return <CircuitPage key={`${route.id} ${route.at ?? ''}`} route={route} />;
    case 'loads':
      return <LoadsPage />;
    case 'load':
      return <ElementPage key={`${route.kind} ${route.id}`} kind={route.kind} id={route.id} />;
    case 'meters':
      return <MetersPage />;
    case 'meter':
      return <MeterPage key={route.id} meter={route.id} />;
    case 'modes':
      return <ModesPage />;
    case 'sites':
      return <SitesPage />;
    case 'site':
      return <SitePage key={route.id} id={route.id} />;
    case 'import':
      return <ImportPage />;
    case 'account':
      return <AccountPage />;
    case 'operators':
      return <OperatorsPage />;
  }
}

const places = [
  { page: 'fleet', label: 'Fleet' },
  { page: 'network', label: 'Network' },
  { page: 'loads', label: 'Loads' },
  { page: 'meters', label: 'Meters' },
  { page: 'commands', label: 'Commands' },
  { page: 'events', label: 'Events' },
  { page: 'audit', label: 'Audit' },
  { page: 'gateways', label: 'Gateways' },
  { page: 'modes', label: 'Modes' },
  { page: 'sites', label: 'Sites' },
] as const satisfies readonly (Route & { label: string })[];

function Bar({ route }: { route: Route }): JSX.Element {
  const here = placeOf(route);
  return (
    <header className="bar">
      <a className="brand" href="#/" aria-label="Tiepoint, fleet">
        <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M2 20h9l10-10M21 20h9" stroke="currentColor" strokeWidth="3" fill="none" strokeLinecap="round" />
          <circle cx="11" cy="20" r="3.4" fill="currentColor" />
          <circle cx="21" cy="20" r="3.4" fill="currentColor" />
        </svg>
        Tiepoint
      </a>
      <nav aria-label="Pages">
        {places.map((place) => (
          <a key={place.page} href={formatRoute(place)} aria-current={place.page === here ? 'page' : undefined}>
            {place.label}
          </a>
        ))}
      </nav>
      <LinkState />
      <WhoMenu />
    </header>
  );
}

function placeOf({ page }: Route): Route['page'] {
  if (page === 'device') return 'fleet';
  if (page === 'circuit') return 'network';
  if (page === 'load') return 'loads';
  if (page === 'meter') return 'meters';
  return page === 'site' || page === 'import' ? 'sites' : page;
}

function LinkState(): JSX.Element {
  const link = useLink();
  const second = useStore('tick', (store) => store.second());
  return (
    <div className="link-state">
      {link.state === 'up' ? (
        <time dateTime={isoText(second)} title={`The head-end's time, ${isoText(second)}`}>
          {timeText(second, second)}
        </time>
      ) : (
        <Mark shape={link.state === 'down' ? 'urgent' : 'absent'}>
          {link.state === 'down' ? 'not connected' : 'connecting…'}
        </Mark>
      )}
    </div>
  );
}

/** Below this banner nothing is live; the values say so themselves, too. */
function LinkBanner(): JSX.Element | null {
  const link = useLink();
  const broker = useStore('link', (store) => store.broker());
  const session = useSessionState();
  const nowMs = useNow();
  if (link.state === 'down') {
    return (
      <div className="banner urgent" role="alert" data-testid="link-banner">
        <Mark shape="urgent" />
        <strong>
          Not connected to the head-end since{' '}
          <time dateTime={isoText(link.sinceMs)}>{timeText(link.sinceMs, nowMs)}</time> — values below are not live.
        </strong>
        {session.is !== 'ended' && <span>Trying again by itself ({durationText(nowMs - link.sinceMs)}).</span>}
      </div>
    );
  }
  if (link.state === 'up' && broker === 'down') {
    return (
      <div className="banner warn" role="alert">
        <Mark shape="warn" />
        <strong>
          The head-end has no connection to its MQTT broker: gateways can neither report nor be commanded.
        </strong>
      </div>
    );
  }
  return null;
}
