import type { JSX } from 'react';
import type { CommandParameters, ParameterName } from '@tiepoint/protocol';

/** A field for each parameter that a command takes. What is not filled in stays absent. */
export function ParameterFields({
  names,
  value,
  onChange,
}: {
  names: readonly ParameterName[];
  value: CommandParameters;
  onChange: (value: CommandParameters) => void;
}): JSX.Element {
  return (
    <div className="parameter-fields">
      {names.map((name) => {
        switch (name) {
          case 'limitPct':
            return (
              <label key={name} className="field">
                <span>Limit, % of rated power</span>
                <input
                  className="input"
                  type="number"
                  min={0}
                  max={100}
                  step={0.1}
                  data-testid="limitPct"
                  value={value.limitPct ?? ''}
                  onChange={({ target }) => onChange(withLimit(value, target.valueAsNumber))}
                />
                <small>100 lifts the limit</small>
              </label>
            );
          case 'relay':
            return (
              <Choice
                key={name}
                label="Relay"
                testId="relay"
                options={['1', '2', '3', '4']}
                chosen={value.relay?.toString()}
                onChoose={(one) => onChange({ ...value, relay: Number(one) })}
              />
            );
          case 'to':
            return (
              <Choice
                key={name}
                label="Switch to"
                testId="to"
                options={['off', 'on']}
                chosen={value.to}
                onChoose={(one) => onChange({ ...value, to: one === 'on' ? 'on' : 'off' })}
              />
            );
        }
      })}
    </div>
  );
}

function withLimit({ limitPct: _, ...rest }: CommandParameters, limitPct: number): CommandParameters {
  return Number.isFinite(limitPct) && limitPct >= 0 && limitPct <= 100 ? { ...rest, limitPct } : rest;
}

type ChoiceProps = {
  label: string;
  testId: string;
  options: readonly string[];
  chosen: string | undefined;
  onChoose: (one: string) => void;
};

function Choice({ label, testId, options, chosen, onChoose }: ChoiceProps): JSX.Element {
  return (
    <fieldset className="choice" data-testid={testId}>
      <legend>{label}</legend>
      {options.map((one) => (
        <label key={one}>
          <input type="radio" name={testId} value={one} checked={chosen === one} onChange={() => onChoose(one)} />
          <span>{one}</span>
        </label>
      ))}
    </fieldset>
  );
}
