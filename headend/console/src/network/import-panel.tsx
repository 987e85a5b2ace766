import { useState } from 'react';
import type { JSX } from 'react';
import type { NetworkImportResponse } from '../../../src/api/network-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { Check, TextField } from '../design/form.tsx';
import { FileButtons, mayTake } from '../files/file-buttons.tsx';
import type { Doing } from '../files/file-buttons.tsx';
import { FileFindings, refusedFile } from '../files/file-findings.tsx';
import type { FileOutcome } from '../files/file-findings.tsx';
import { FileImports } from '../files/file-imports.tsx';
import { useOperator } from '../frame/operator.tsx';
import type { Answer } from '../live/asking.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';
import { firstOf, formOf, instantOf, maySend } from './chosen-files.ts';
import type { ChosenFiles } from './chosen-files.ts';

const lookMs = 1_000;

type Wish = { chosen: ChosenFiles; at: string; acceptErrors: boolean };

/** A network from files: looked through first, said once more with what it changes, then taken whole or not at all, while its progress is told. */
export function ImportPanel({ onDone }: { onDone: () => void }): JSX.Element {
  const { network } = useConsole();
  const [wish, setWish] = useState<Wish>({ chosen: { files: [] }, at: '', acceptErrors: false });
  const [doing, setDoing] = useState<Doing>();
  const [outcome, setOutcome] = useState<FileOutcome>();
  /** Looked through, with what it would change: to be said once more. */
  const [ready, setReady] = useState<string>();
  const imports = useQuery('network imports', (signal) => network.imports(signal));
  useEvery(lookMs, imports.reload);
  const permitted = mayEverywhere(useOperator(), 'edit-network');
  const { chosen, at, acceptErrors } = wish;
  const first = firstOf(chosen);
  const sendable = maySend(chosen, at);
  const may = mayTake(permitted, { doing, chosen: first !== undefined });
  const send = async (dryRun: boolean): Promise<Answer<NetworkImportResponse>> => {
    const atMs = instantOf(at);
    if (first === undefined || atMs === 'unreadable') throw new Error('there is nothing to send');
    return await network.importNetwork(formOf(chosen), { file: first.name, atMs, dryRun, acceptErrors });
  };
  const look = async (next: Doing): Promise<void> => {
    setDoing(next);
    setOutcome(undefined);
    const answer = await send(true);
    setDoing(undefined);
    setOutcome(answer.ok ? { ok: true, ...answer.value } : refusedFile(answer));
    imports.reload();
    if (answer.ok && next === 'import') setReady(answer.value.say);
  };
  const taken = (value: NetworkImportResponse): void => {
    setReady(undefined);
    setOutcome({ ok: true, ...value });
    imports.reload();
    onDone();
  };
  return (
    <>
      <section className="panel" aria-labelledby="network-import-title">
        <h2 id="network-import-title">A network from files</h2>
        <ImportForm
          wish={wish}
          onWish={(next) => {
            setWish(next);
            setOutcome(undefined);
          }}
        />
        <FileButtons may={may.ok ? sendable : may} onTake={(dryRun) => void look(dryRun ? 'check' : 'import')} />
      </section>
      {ready !== undefined && (
        <ConfirmDialog
          title="Import the network"
          action="Import"
          ask={async () => await send(false)}
          onDone={taken}
          onClose={() => setReady(undefined)}
        >
          <p>{ready}.</p>
          <p className="notice warn">What the files lack is removed from then on.</p>
        </ConfirmDialog>
      )}
      {outcome !== undefined && <FileFindings outcome={outcome} />}
      {imports.say !== undefined && <p className="notice warn">{imports.say}</p>}
      <FileImports imports={imports.value?.imports ?? []} counted="pieces of equipment" />
    </>
  );
}

function ImportForm({ wish, onWish }: { wish: Wish; onWish: (wish: Wish) => void }): JSX.Element {
  const { chosen, at, acceptErrors } = wish;
  const choose = (more: Partial<ChosenFiles>): void => onWish({ ...wish, chosen: { ...chosen, ...more } });
  return (
    <>
      <p className="small quiet-text">
        An OpenDSS script with all files that it names, or CIM RDF/XML; up to 64 MB, what is longer goes by{' '}
        <span className="mono">headend network import</span>. It stands for the whole network: what the files lack is
        removed from then on. Switches stay as they stand.
      </p>
      <div className="import-form">
        <FileField
          label="Files of the network"
          accept=".dss,.xml,.rdf,.csv,.txt,.dat"
          testId="network-files"
          multiple
          onFiles={(files) => choose({ files, first: undefined })}
        />
        {chosen.files.length > 1 && (
          <label className="field">
            <span>It begins with</span>
            <select
              className="input"
              value={firstOf(chosen)?.name}
              onChange={({ target }) => choose({ first: target.value })}
            >
              {chosen.files.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <FileField label="Customers (CSV)" accept=".csv" onFiles={([customers]) => choose({ customers })} />
        <FileField label="Meters (CSV)" accept=".csv" onFiles={([meters]) => choose({ meters })} />
        <TextField
          label="From when on it holds"
          value={at}
          hint="as 2026-03-31T12:00Z; unless set, now"
          onValue={(next) => onWish({ ...wish, at: next })}
        />
      </div>
      <Check checked={acceptErrors} onCheck={(next) => onWish({ ...wish, acceptErrors: next })}>
        Take the rest where lines are at fault
      </Check>
    </>
  );
}

type FileFieldProps = {
  label: string;
  accept: string;
  onFiles: (files: readonly File[]) => void;
  multiple?: boolean;
  testId?: string;
};

function FileField({ label, accept, onFiles, multiple = false, testId }: FileFieldProps): JSX.Element {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        type="file"
        accept={accept}
        multiple={multiple}
        data-testid={testId}
        onChange={({ target }) => onFiles([...(target.files ?? [])])}
      />
    </label>
  );
}
