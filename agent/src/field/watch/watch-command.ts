import { connectionOptions, profileOption } from '../connection-options.ts';
import type { FieldCommand } from '../field-command.ts';
import type { ScreenStreams } from './watch-screen.ts';

/** `tiepoint-agent watch`. The streams are where the live table is painted and keys are read. */
export function watchCommand(streams: ScreenStreams): FieldCommand {
  return {
    name: 'watch',
    summary: 'a live table of all points, with quality, raw words and the figures of the bus',
    usage:
      '(--port PATH | --tcp HOST | --config FILE [--device ID]) [--unit N --profile NAME] [--every MS] [--for S] [--raw]',
    examples: [
      'tiepoint-agent watch --port /dev/ttyUSB0 --unit 1 --profile eastron-sdm630',
      'tiepoint-agent watch --config gateway.yaml --device meter-1,pv-1 --raw',
      'tiepoint-agent watch --config gateway.yaml --every 4000 --for 300 --json > five-minutes.jsonl',
    ],
    options: {
      ...connectionOptions,
      ...profileOption,
      device: {
        ...connectionOptions.device,
        multiple: true,
        help: 'with --config: these devices; without, all of them',
      },
      every: { type: 'string', placeholder: 'MS', help: 'a look so often (1000)' },
      for: { type: 'string', placeholder: 'S', help: 'end after so many seconds' },
      raw: { type: 'boolean', help: 'show the words as they were read (key r)' },
    },
    run: async (input, terminal) => await (await import('./watch-run.ts')).runWatch(input, terminal, streams),
  };
}

export const watch: FieldCommand = watchCommand(process);
