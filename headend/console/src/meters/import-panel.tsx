import { useState } from 'react';
import type { JSX } from 'react';
import { Check, TextField } from '../design/form.tsx';
import { FileButtons, mayTake } from '../files/file-buttons.tsx';
import type { Doing } from '../files/file-buttons.tsx';
import { FileFindings, refusedFile } from '../files/file-findings.tsx';
import type { FileOutcome } from '../files/file-findings.tsx';
import { FileImports } from '../files/file-imports.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';

const lookMs = 1_000;

type Wish = {
  meter: string;
  timeZone: string;
  newMeters: boolean;
  acceptErrors: boolean;
  replaceMeasured: boolean;
  localAsUtc: boolean;
};
const plain: Wish = {
  meter: '',
  timeZone: '',
  newMeters: false,
  acceptErrors: false,
  replaceMeasured: false,
  localAsUtc: false,
};

/** A file of intervals: looked through first, then taken whole or not at all, while its progress is told. */
export function ImportPanel({ onDone }: { onDone: () => void }): JSX.Element {
  const { meters } = useConsole();
  const [file, setFile] = useState<File>();
  const [wish, setWish] = useState(plain);
  const [doing, setDoing] = useState<Doing>();
  const [outcome, setOutcome] = useState<FileOutcome>();
  const imports = useQuery('imports', (signal) => meters.imports(signal));
  useEvery(lookMs, imports.reload);
  const permitted = mayEverywhere(useOperator(), 'edit-intervals');
  const take = async (dryRun: boolean): Promise<void> => {
    if (file === undefined) return;
    setDoing(dryRun ? 'check' : 'import');
    setOutcome(undefined);
    const { meter, timeZone, ...flags } = wish;
    const named = { meter: meter.trim() || undefined, timeZone: timeZone.trim() || undefined };
    const answer = await meters.importFile(file, { ...flags, ...named, dryRun });
    setDoing(undefined);
    setOutcome(answer.ok ? { ok: true, say: answer.value.say, findings: answer.value.findings } : refusedFile(answer));
    imports.reload();
    if (answer.ok && !dryRun) onDone();
  };
  return (
    <>
      <section className="panel" aria-labelledby="import-title">
        <h2 id="import-title">Intervals of a file</h2>
        <ImportForm
          wish={wish}
          onWish={setWish}
          onFile={(chosen) => {
            setFile(chosen);
            setOutcome(undefined);
          }}
        />
        <FileButtons
          may={mayTake(permitted, { doing, chosen: file !== undefined })}
          onTake={(dryRun) => void take(dryRun)}
        />
      </section>
      {outcome !== undefined && <FileFindings outcome={outcome} />}
      {imports.say !== undefined && <p className="notice warn">{imports.say}</p>}
      <FileImports imports={imports.value?.imports ?? []} counted="intervals" />
    </>
  );
}

type FormProps = { wish: Wish; onWish: (wish: Wish) => void; onFile: (file: File | undefined) => void };

function ImportForm({ wish, onWish, onFile }: FormProps): JSX.Element {
  return (
    <>
      <p className="small quiet-text">
        CSV with the columns meter, start, and import_kwh or import_wh (others: end or minutes, export_kwh,
        reactive_kvarh, voltage_v, quality), Green Button (XML), or Parquet with the columns of a download, up to a
        million rows. Up to 16 MB; what is longer goes by <span className="mono">headend mdw import</span>, or{' '}
        <span className="mono">mdw load</span>. What stands already is passed over, so that a file may come again.
      </p>
      <div className="import-form">
        <label className="field">
          <span>File</span>
          <input
            className="input"
            type="file"
            accept=".csv,.xml,.atom,.txt,.parquet,text/csv,application/xml"
            data-testid="intervals-file"
            onChange={({ target }) => onFile(target.files?.[0])}
          />
        </label>
        <TextField
          label="Meter, where the file names none"
          value={wish.meter}
          testId="intervals-meter"
          onValue={(meter) => onWish({ ...wish, meter })}
        />
        <TextField
          label="Time zone of its local times"
          value={wish.timeZone}
          hint="as America/Denver; unless set, the head-end’s"
          onValue={(timeZone) => onWish({ ...wish, timeZone })}
        />
      </div>
      <Check checked={wish.newMeters} testId="new-meters" onCheck={(newMeters) => onWish({ ...wish, newMeters })}>
        Meters that nobody knows are made
      </Check>
      <Check checked={wish.acceptErrors} onCheck={(acceptErrors) => onWish({ ...wish, acceptErrors })}>
        Take the rest where lines are at fault
      </Check>
      <Check checked={wish.replaceMeasured} onCheck={(replaceMeasured) => onWish({ ...wish, replaceMeasured })}>
        The file is right, and what a meter itself counted gives way
      </Check>
      <Check checked={wish.localAsUtc} onCheck={(localAsUtc) => onWish({ ...wish, localAsUtc })}>
        This Green Button file writes local time as UTC
      </Check>
    </>
  );
}
