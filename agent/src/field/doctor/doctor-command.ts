import { connectionOptions, profileOption } from '../connection-options.ts';
import type { FieldCommand } from '../field-command.ts';

export const doctor: FieldCommand = {
  name: 'doctor',
  summary: 'checks port, bus, clock, disk, broker and head-end, and what a commissioning left moved; says what to do',
  usage: '--config FILE | (--port PATH | --tcp HOST) --unit N --profile NAME',
  examples: [
    'tiepoint-agent doctor --config /etc/tiepoint/gateway.yaml',
    'tiepoint-agent doctor --port /dev/ttyUSB0 --unit 1 --profile eastron-sdm630 --reads 500',
  ],
  options: {
    ...connectionOptions,
    ...profileOption,
    device: { ...connectionOptions.device, multiple: true, help: 'with --config: these devices; without, all of them' },
    reads: { type: 'string', placeholder: 'N', help: 'so many reads of each device (100)' },
    wait: { type: 'string', placeholder: 'S', help: 'wait so long for the head-end to tell its time (65)' },
    url: { type: 'string', placeholder: 'URL', help: 'the head-end (as enrolment kept it beside the configuration)' },
  },
  run: async (input, terminal) => await (await import('./doctor-run.ts')).runDoctor(input, terminal),
};
