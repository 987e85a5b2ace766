import { useId, useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { SiteGateway } from '../../../src/api/site-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { Time, Unknown } from '../design/shown-value.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { mayIn } from '../people/permitted.ts';

type Props = { gateway: SiteGateway; area: string | undefined; brokerOutside: boolean; onChanged: () => void };

/** What a gateway proves itself with, until when, and how that is ended. */
export function GatewayCertificate({ gateway, area, brokerOutside, onChanged }: Props): JSX.Element {
  const { id, certificate, revoked } = gateway;
  const nowMs = useNow();
  const may = mayIn(useOperator(), 'revoke-certificates', area);
  const whyId = useId();
  const [asking, setAsking] = useState(false);
  return (
    <div data-testid={`certificate-${id}`}>
      {certificate === undefined && revoked === undefined && <Unknown />}
      {certificate !== undefined && (
        <>
          <span className="mono">{certificate.serial}</span> until <Time atMs={certificate.notAfterMs} nowMs={nowMs} />
          {certificate.by === 'renewal' && ' (renewed)'}{' '}
          <AllowedButton
            may={may}
            whyId={whyId}
            className="button small"
            onClick={() => setAsking(true)}
            data-testid={`revoke-certificate-${id}`}
          >
            Revoke…
          </AllowedButton>
          <WhyNot may={may} id={whyId} />
        </>
      )}
      {revoked !== undefined && (
        <>
          <Mark shape="urgent">
            <strong>revoked</strong>
          </Mark>{' '}
          by {revoked.by} on <Time atMs={revoked.atMs} nowMs={nowMs} />: {revoked.cause}
        </>
      )}
      {asking && (
        <RevocationDialog
          gatewayId={id}
          brokerOutside={brokerOutside}
          onClose={() => {
            setAsking(false);
            onChanged();
          }}
        />
      )}
    </div>
  );
}

type RevocationProps = { gatewayId: string; brokerOutside: boolean; onClose: () => void };

function RevocationDialog({ gatewayId, brokerOutside, onClose }: RevocationProps): JSX.Element {
  const { api } = useConsole();
  const [cause, setCause] = useState('');
  const [say, setSay] = useState<string>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const answer = await api.revokeCertificates(gatewayId, cause.trim());
    if (answer.ok) onClose();
    else setSay(answer.say);
  };
  return (
    <Dialog title={`Revoke the certificates of ${gatewayId}`} testId="revocation-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={(event) => void submit(event)}>
        <p>
          {brokerOutside ? 'Nothing of it is taken any more' : 'Its connection ends at once'}, nothing of it can be
          commanded, and it comes back only when it is enrolled again with a new token. This cannot be undone.
        </p>
        {brokerOutside && (
          <p>
            <strong>The broker outside goes on serving it</strong> until its configuration is written anew by{' '}
            <code>headend mosquitto DIR</code> and it is reloaded.
          </p>
        )}
        <label className="field">
          <span>Reason, kept in the audit log</span>
          <input
            className="input"
            name="cause"
            value={cause}
            maxLength={300}
            onChange={({ target }) => setCause(target.value)}
          />
        </label>
        {say !== undefined && (
          <p className="notice urgent" role="alert">
            {say}
          </p>
        )}
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={cause.trim() === ''}>
            Revoke
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
