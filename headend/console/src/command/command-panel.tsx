import { useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import type { CommandOffer, CommandView, DeviceDetail, FleetRow } from '../../../src/api/contract.ts';
import { AwaitingHere } from '../approvals/awaiting-here.tsx';
import { CommandMark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useConsole, useLink, useNow, useStore } from '../live/console-context.tsx';
import type { CommandTrack } from '../live/frame-reducer.ts';
import { commandDoes } from '../words/labels.ts';
import { mayPress } from './device-view.ts';
import { ParameterText, CommandProgress } from './progress.tsx';
import { SinceThen } from './since-then.tsx';
import { SelectDialog } from './select-dialog.tsx';

type Props = { row: FleetRow; detail: DeviceDetail; onChanged: () => void };

/** What can be commanded here and why not, how far the latest command is, and what went before. */
export function CommandPanel({ row, detail, onChanged }: Props): JSX.Element {
  const { store } = useConsole();
  const [selecting, setSelecting] = useState<CommandOffer>();
  const tracks = useTracks(row.id);
  const [latest, ...earlier] = tracks;
  return (
    <section className="panel commands" aria-labelledby="commands-title">
      <header>
        <h2 id="commands-title">Commands</h2>
        <span className="quiet-text small">select, then operate</span>
      </header>
      {detail.commands.length === 0 ? (
        <p className="quiet-text">This device takes no commands by its profile.</p>
      ) : (
        <ul className="offers">
          {detail.commands.map((offer) => (
            <Offer key={offer.kind} row={row} offer={offer} onPress={() => setSelecting(offer)} />
          ))}
        </ul>
      )}
      <AwaitingHere id={row.id} />
      {latest !== undefined && <CommandProgress track={latest} />}
      {latest !== undefined && <SinceThen view={latest.view} />}
      {earlier.length > 0 && <Earlier tracks={earlier} />}
      {selecting !== undefined && (
        <SelectDialog
          row={row}
          detail={detail}
          offer={selecting}
          onClose={() => setSelecting(undefined)}
          onOperated={(view: CommandView) => {
            store.learnCommand(view);
            onChanged();
          }}
        />
      )}
    </section>
  );
}

function Offer({ row, offer, onPress }: { row: FleetRow; offer: CommandOffer; onPress: () => void }): JSX.Element {
  const link = useLink();
  const verdict = mayPress(offer, link.state === 'up');
  return (
    <li className={verdict.ok ? 'offer' : 'offer refused'}>
      <button
        type="button"
        className="button"
        data-testid={`command-${offer.kind}`}
        disabled={!verdict.ok}
        aria-describedby={`why-${offer.kind}`}
        onClick={() => onPress()}
      >
        {offer.title}…
      </button>
      <p id={`why-${offer.kind}`} className="small">
        {commandDoes(offer.kind, row)}{' '}
        <span className={verdict.ok ? 'quiet-text why' : 'why'}>
          {verdict.ok ? (offer.route?.say ?? `Proof: ${offer.proof}`) : verdict.say}
        </span>
      </p>
    </li>
  );
}

/** Commands meant for this device or carried out by it, newest first: asked once, then followed on the stream. */
function useTracks(id: string): readonly CommandTrack[] {
  const { api, store } = useConsole();
  const commands = useStore('commands', (known) => known.commands());
  const asked = useRef<string>(undefined);
  useEffect(() => {
    if (asked.current === id) return;
    asked.current = id;
    void api.commands({ deviceId: id, limit: 6 }).then((answer) => {
      if (answer.ok) for (const view of answer.value.commands) store.learnCommand(view);
    });
  });
  const mine = [...commands.values()].filter(({ view }) => view.targetId === id || view.route.id === id);
  const sorted = mine.toSorted((a, b) => b.view.requestedAtMs - a.view.requestedAtMs).slice(0, 6);
  useSteps(sorted[0]);
  return sorted;
}

/** The latest command with all its steps; asked again every 2 s while it is under way, in case the stream missed one. */
function useSteps(latest: CommandTrack | undefined): void {
  const { api, store } = useConsole();
  const id = latest?.view.id;
  const final = latest?.view.final;
  useEffect(() => {
    if (id === undefined) return undefined;
    const ask = (): void =>
      void api.command(id).then((answer) => {
        if (answer.ok) store.learnCommand(answer.value, answer.value.transitions);
      });
    ask();
    const timer = final ? undefined : setInterval(ask, 2_000);
    return () => clearInterval(timer);
  }, [api, store, id, final]);
}

function Earlier({ tracks }: { tracks: readonly CommandTrack[] }): JSX.Element {
  const nowMs = useNow();
  return (
    <details className="earlier">
      <summary>Earlier commands here ({tracks.length})</summary>
      <ul>
        {tracks.map(({ view }) => (
          <li key={view.id}>
            <CommandMark state={view.state}>
              <strong>{view.state}</strong>
            </CommandMark>
            <span>
              {view.title}
              <ParameterText parameters={view.parameters} />
            </span>
            <span className="quiet-text small">
              {view.operator}, <Time atMs={view.requestedAtMs} nowMs={nowMs} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
