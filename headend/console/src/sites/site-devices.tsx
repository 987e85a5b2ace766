import { useState } from 'react';
import type { JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';
import type { SiteDetail, SiteDevice } from '../../../src/api/site-contract.ts';
import { Mark } from '../design/marks.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole } from '../live/console-context.tsx';
import { livenessWords } from '../words/labels.ts';
import { useMayEnter, whyEnterId } from './may-enter.ts';
import { contractFields, deviceFields } from './record-fields.ts';
import { RecordForm } from './record-form.tsx';

type Editing = { device: SiteDevice; what: 'device' | 'contract'; contractId?: string };

/** Each device: what was ordered, what was born, where they differ, and under which contracts it is commanded. */
export function SiteDevices({ detail, onChanged }: { detail: SiteDetail; onChanged: () => void }): JSX.Element {
  const [editing, setEditing] = useState<Editing>();
  const may = useMayEnter(detail.site.area);
  if (detail.devices.length === 0) return <p className="quiet-text">No device is entered yet.</p>;
  return (
    <div className="table-frame">
      <table className="ledger" data-testid="site-devices">
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Ordered</th>
            <th scope="col">Born</th>
            <th scope="col">Contract</th>
          </tr>
        </thead>
        <tbody>
          {detail.devices.map((device) => (
            <DeviceLine key={device.id} device={device} may={may} onEdit={setEditing} />
          ))}
        </tbody>
      </table>
      {editing !== undefined && (
        <EditForm
          editing={editing}
          siteId={detail.site.id}
          onClose={() => setEditing(undefined)}
          onDone={() => {
            setEditing(undefined);
            onChanged();
          }}
        />
      )}
    </div>
  );
}

type LineProps = { device: SiteDevice; may: Verdict; onEdit: (editing: Editing) => void };

function DeviceLine({ device, may, onEdit }: LineProps): JSX.Element {
  const { id, ordered, born, differences, liveness } = device;
  const nameplate = (of: { make?: string; model?: string; serialNumber?: string }): string =>
    [of.make, of.model, of.serialNumber].filter((each) => each !== undefined).join(', ');
  return (
    <tr data-testid={`site-device-${ordered.deviceId}`}>
      <td>
        {born === undefined ? (
          <strong>{ordered.deviceId}</strong>
        ) : (
          <a href={formatRoute({ page: 'device', id })}>{ordered.deviceId}</a>
        )}
        <div className="small quiet-text">{ordered.title}</div>
      </td>
      <td>
        {ordered.profile}
        <div className="small">{nameplate(ordered)}</div>
        <div className="small quiet-text">
          {ordered.connection ?? 'connection found on site'}
          {ordered.unit !== undefined && `, unit ${ordered.unit}`}
        </div>
        <AllowedButton
          may={may}
          whyId={whyEnterId}
          className="button small"
          onClick={() => onEdit({ device, what: 'device' })}
        >
          Change…
        </AllowedButton>
      </td>
      <td>
        {born === undefined ? (
          <Mark shape="absent">not introduced yet</Mark>
        ) : (
          <>
            {born.profile} <span className="mono small quiet-text">{born.profileHash}</span>
            <div className="small">
              {nameplate({ ...born, ...(born.manufacturer === undefined ? {} : { make: born.manufacturer }) })}
            </div>
            <div className="small quiet-text">{livenessWords[liveness]}</div>
          </>
        )}
        {differences.map(({ stands, say }) => (
          <div key={say}>
            <Mark shape={stands ? 'urgent' : 'warn'} />
            <span className="small"> {say}</span>
          </div>
        ))}
      </td>
      <td>
        <Contracts device={device} may={may} onEdit={onEdit} />
      </td>
    </tr>
  );
}

function Contracts({ device, may, onEdit }: LineProps): JSX.Element {
  const { born, contracts } = device;
  return (
    <>
      {contracts.map((contract) => (
        <div key={contract.id}>
          <AllowedButton
            may={may}
            whyId={whyEnterId}
            className="button quiet small"
            onClick={() => onEdit({ device, what: 'contract', contractId: contract.id })}
          >
            {contract.id}
          </AllowedButton>
          <div className="small">
            {contract.fromDay} – {contract.toDay ?? 'no end'}
            {!contract.inForce && <strong> (not in force)</strong>}; {contract.operators.join(', ')}
            {contract.ratedPowerW !== undefined && `; ${contract.ratedPowerW / 1_000} kW`}
            {contract.maxPowerW !== undefined && `, at most ${contract.maxPowerW / 1_000} kW`}
            {contract.commands !== undefined && `; ${contract.commands.join(', ')}`}
          </div>
        </div>
      ))}
      {born?.kind === 'aas' && !contracts.some(({ inForce }) => inForce) && (
        <Mark shape="warn">none in force: not commanded</Mark>
      )}
      <AllowedButton
        may={may}
        whyId={whyEnterId}
        className="button small"
        onClick={() => onEdit({ device, what: 'contract' })}
      >
        Enter a contract…
      </AllowedButton>
    </>
  );
}

type EditProps = { editing: Editing; siteId: string; onClose: () => void; onDone: () => void };

function EditForm({ editing: { device, what, contractId }, siteId, onClose, onDone }: EditProps): JSX.Element {
  const { api } = useConsole();
  if (what === 'device') {
    const { deviceId: _deviceId, ...ordered } = device.ordered;
    return (
      <RecordForm
        title={`${device.id}, as ordered`}
        fields={deviceFields}
        record={ordered}
        save={(record) =>
          api.putOrder(device.id, {
            ...(ordered.readOnly === undefined ? {} : { readOnly: ordered.readOnly }),
            ...record,
            siteId,
          })
        }
        onDone={onDone}
        onClose={onClose}
      />
    );
  }
  const contract = device.contracts.find(({ id }) => id === contractId);
  return (
    <RecordForm
      title={contract === undefined ? `A contract for ${device.id}` : `Contract ${contract.id}`}
      fields={contractFields}
      record={contract ?? {}}
      names={contract === undefined ? [{ name: 'id', label: 'Number', hint: 'it stays' }] : []}
      save={(record, { id = '' }) => api.putContract(contract?.id ?? id.trim(), { ...record, deviceId: device.id })}
      onDone={onDone}
      onClose={onClose}
    />
  );
}
