import { connectionOptions, profileOption } from '../connection-options.ts';
import type { FieldCommand } from '../field-command.ts';

export const trace: FieldCommand = {
  name: 'trace',
  summary: 'every frame of a bus in words: polled by this program, listened to, or of a file',
  usage: '(--port PATH | --tcp HOST | --config FILE) [--listen] [--file FILE] | --decode FILE',
  examples: [
    'tiepoint-agent trace --port /dev/ttyUSB0 --unit 1 --profile eastron-sdm630 --for 60 --file bus.jsonl',
    'tiepoint-agent trace --port /dev/ttyUSB0 --baud 9600 --listen       # hears a foreign master, sends nothing',
    'tiepoint-agent trace --decode bus.jsonl --profile ./my-meter.yaml',
  ],
  options: {
    ...connectionOptions,
    ...profileOption,
    device: { ...connectionOptions.device, multiple: true, help: 'with --config: these devices; without, all of them' },
    listen: { type: 'boolean', help: 'only hear: never send a byte (serial lines)' },
    decode: { type: 'string', placeholder: 'FILE', help: 'put a recorded trace into words' },
    every: { type: 'string', placeholder: 'MS', help: 'read the devices so often (1000)' },
    for: { type: 'string', placeholder: 'S', help: 'end after so many seconds' },
    gap: { type: 'string', placeholder: 'MS', help: 'with --listen: so long a silence ends a frame (20 and t3.5)' },
    file: { type: 'string', placeholder: 'FILE', help: 'also into this file: .jsonl as lines of JSON, else as text' },
    'max-mb': { type: 'string', placeholder: 'N', help: 'size at which the file is put aside as FILE.1 (10)' },
    keep: { type: 'string', placeholder: 'N', help: 'so many files put aside are kept (3)' },
    quiet: { type: 'boolean', short: 'q', help: 'into the file only' },
  },
  run: async (input, terminal) => await (await import('./trace-run.ts')).runTrace(input, terminal),
};
