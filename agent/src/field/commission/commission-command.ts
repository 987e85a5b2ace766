import type { FieldCommand } from '../field-command.ts';

export const commission: FieldCommand = {
  name: 'commission',
  summary: 'go through the check list of a site, to a report that puts it in service',
  usage: '--config FILE [--answers FILE]',
  examples: [
    'tiepoint-agent commission --config /etc/tiepoint/gateway.yaml',
    'tiepoint-agent commission --config gateway.yaml --redo meter-1/ct --photo door.jpg',
    'tiepoint-agent commission --config gateway.yaml --send',
  ],
  options: {
    config: { type: 'string', placeholder: 'FILE', help: 'the configuration with which this gateway will run' },
    answers: {
      type: 'string',
      placeholder: 'FILE',
      help: 'answers and consents from a file, for a run without a person',
    },
    url: { type: 'string', placeholder: 'URL', help: 'the head-end (as enrolment kept it beside the configuration)' },
    ordered: { type: 'string', placeholder: 'FILE', help: 'what was ordered, where the head-end is out of reach' },
    photo: {
      type: 'string',
      multiple: true,
      placeholder: 'FILE',
      help: 'JPEG or PNG for the report',
    },
    output: { type: 'string', placeholder: 'DIR', help: 'where reports are written (DATADIR/commissioning)' },
    redo: {
      type: 'string',
      multiple: true,
      placeholder: 'ITEM',
      help: 'do this item again (its number in the list, or as meter-1/ct), or all of a device, or `all`',
      names: 'device',
    },
    emulated: { type: 'boolean', help: 'the devices are emulated, and the report says so: for trials' },
    list: { type: 'boolean', help: 'show what is done, and do nothing' },
    send: { type: 'boolean', help: 'send the last report that the head-end has not taken, and do nothing else' },
    fresh: { type: 'boolean', help: 'begin anew; what was done before is kept aside' },
    'cadence-seconds': {
      type: 'string',
      placeholder: 'N',
      help: 'watch the rhythm of reports so long (300); a shorter time is a reservation',
    },
  },
  run: async (input, terminal) => await (await import('./commission-run.ts')).runCommission(input, terminal),
};
