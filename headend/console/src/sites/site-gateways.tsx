import { useId, useState } from 'react';
import type { JSX } from 'react';
import type { SiteDetail, SiteGateway, TokenIssued } from '../../../src/api/site-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { Time, Unknown } from '../design/shown-value.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { mayIn } from '../people/permitted.ts';
import { GatewayCertificate } from './gateway-certificate.tsx';

const identities: Readonly<Record<SiteGateway['identity'], string>> = {
  none: 'none yet: a token is issued, and it is enrolled on site',
  revoked: 'revoked: to be enrolled again',
  enrolled: 'enrolled',
};
const shownTokens = 5;

/** The gateways of a site: their identity, tokens to enrol them with, and whether they are as they were commissioned. */
export function SiteGateways({ detail, onChanged }: { detail: SiteDetail; onChanged: () => void }): JSX.Element {
  return (
    <section className="gateway-list">
      {detail.gateways.map((gateway) => (
        <GatewayPanel key={gateway.id} gateway={gateway} detail={detail} onChanged={onChanged} />
      ))}
    </section>
  );
}

type PanelProps = { gateway: SiteGateway; detail: SiteDetail; onChanged: () => void };

function GatewayPanel({ gateway, detail, onChanged }: PanelProps): JSX.Element {
  const { brokerOutside } = detail;
  const { area } = detail.site;
  const { id, title, online, identity, enrolledAtMs, enrolledBy, bornAtMs, configurationHash, acceptance } = gateway;
  const nowMs = useNow();
  return (
    <article className="panel gateway" data-testid={`site-gateway-${id}`}>
      <header>
        <h3>
          {title} {title !== id && <span className="quiet-text small">{id}</span>}
        </h3>
        <Mark shape={online ? 'well' : bornAtMs === undefined ? 'absent' : 'urgent'}>
          <strong>{online ? 'online' : bornAtMs === undefined ? 'never connected' : 'offline'}</strong>
        </Mark>
      </header>
      <dl className="facts">
        <dt>Identity</dt>
        <dd>
          {identities[identity]}
          {enrolledAtMs !== undefined && (
            <>
              {identity === 'revoked' && '; enrolled last'} by {enrolledBy} on{' '}
              <Time atMs={enrolledAtMs} nowMs={nowMs} />
            </>
          )}
        </dd>
        <dt>Certificate</dt>
        <dd>
          <GatewayCertificate gateway={gateway} area={area} brokerOutside={brokerOutside} onChanged={onChanged} />
        </dd>
        <dt>Configuration</dt>
        <dd>{configurationHash === undefined ? <Unknown /> : <span className="mono">{configurationHash}</span>}</dd>
        <dt>Commissioned</dt>
        <dd>
          {acceptance === undefined && 'not yet'}
          {acceptance !== undefined && (
            <>
              <Time atMs={acceptance.acceptedAtMs} nowMs={nowMs} />
              {acceptance.emulated && ' (emulated)'}
            </>
          )}
          {acceptance?.fallen !== undefined && (
            <div data-testid="fallen">
              <Mark shape="warn">
                <strong>fell out of service</strong>
              </Mark>{' '}
              <Time atMs={acceptance.fallen.atMs} nowMs={nowMs} />. {acceptance.fallen.say}
            </div>
          )}
        </dd>
      </dl>
      <Tokens gateway={gateway} detail={detail} onChanged={onChanged} />
    </article>
  );
}

function Tokens({ gateway, detail, onChanged }: PanelProps): JSX.Element {
  const { api } = useConsole();
  const nowMs = useNow();
  const [issued, setIssued] = useState<TokenIssued>();
  const may = mayIn(useOperator(), 'issue-enrolment', detail.site.area);
  const whyId = useId();
  const [say, setSay] = useState<string>();
  const issue = async (): Promise<void> => {
    const answer = await api.issueToken(gateway.id);
    setSay(answer.ok ? undefined : answer.say);
    if (answer.ok) setIssued(answer.value);
    onChanged();
  };
  const revoke = async (tokenId: string): Promise<void> => {
    const answer = await api.revokeToken(tokenId);
    setSay(answer.ok ? undefined : answer.say);
    onChanged();
  };
  return (
    <>
      <ul className="device-chips">
        {gateway.tokens.slice(0, shownTokens).map((token) => (
          <li key={token.id}>
            <span className="small">
              Token <span className="mono">{token.id.slice(0, 8)}</span> of {token.issuedBy}:{' '}
              <strong>{token.state}</strong>
              {token.state === 'open' && (
                <>
                  {' until '}
                  <Time atMs={token.expiresAtMs} nowMs={nowMs} />
                </>
              )}
              {token.overBy !== undefined && ` by ${token.overBy}`}
            </span>
            {token.state === 'open' && (
              <AllowedButton may={may} whyId={whyId} className="button small" onClick={() => void revoke(token.id)}>
                Revoke
              </AllowedButton>
            )}
          </li>
        ))}
        <li>
          <AllowedButton
            may={may}
            whyId={whyId}
            className="button"
            onClick={() => void issue()}
            data-testid={`issue-token-${gateway.id}`}
          >
            Issue an enrolment token
          </AllowedButton>
        </li>
      </ul>
      <WhyNot may={may} id={whyId} />
      {say !== undefined && (
        <p className="notice urgent" role="alert">
          {say}
        </p>
      )}
      {issued !== undefined && <IssuedDialog issued={issued} onClose={() => setIssued(undefined)} />}
    </>
  );
}

function IssuedDialog({ issued, onClose }: { issued: TokenIssued; onClose: () => void }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const nowMs = useNow();
  return (
    <Dialog title={`Enrol ${issued.gatewayId}`} testId="token-dialog" onClose={onClose}>
      <div className="select-form">
        <p>
          Run this on the gateway. It is shown this once, and good for one enrolment, until{' '}
          <Time atMs={issued.expiresAtMs} nowMs={nowMs} />.
        </p>
        <pre className="copy-line" data-testid="enrol-line">
          {issued.line}
        </pre>
        <footer>
          <button
            type="button"
            className="button"
            onClick={() =>
              void navigator.clipboard.writeText(issued.line).then(
                () => setCopied(true),
                () => setCopied(false),
              )
            }
          >
            {copied ? 'Copied' : 'Copy'}
          </button>
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </footer>
      </div>
    </Dialog>
  );
}
