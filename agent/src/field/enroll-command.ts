import type { FieldCommand } from './field-command.ts';

export const enroll: FieldCommand = {
  name: 'enroll',
  summary: 'turn a token of the head-end into this gateway’s identity, configuration and profiles',
  usage: 'URL TOKEN [--dir DIR], or --url URL --token TOKEN',
  examples: [
    'tiepoint-agent enroll https://headend.example:8444 SECRET.FINGERPRINT --name "A. Fitter"',
    'tiepoint-agent enroll https://headend.example:8444 SECRET.FINGERPRINT --dir /etc/tiepoint --replace',
  ],
  options: {
    url: {
      type: 'string',
      placeholder: 'URL',
      help: 'the head-end’s address for gateways, as https://headend.example:8444',
    },
    token: {
      type: 'string',
      placeholder: 'TOKEN',
      help: 'the token as the head-end told it, SECRET.FINGERPRINT; TIEPOINT_TOKEN is read where none is given',
    },
    dir: { type: 'string', placeholder: 'DIR', help: 'where the files go (/etc/tiepoint)' },
    name: { type: 'string', placeholder: 'NAME', help: 'who enrols, for the head-end’s audit' },
    'data-dir': { type: 'string', placeholder: 'DIR', help: 'where the agent keeps its data (as the head-end says)' },
    replace: { type: 'boolean', help: 'replace an identity that is there; its files are kept aside' },
  },
  run: async (input, terminal) => await (await import('./enroll-run.ts')).runEnroll(input, terminal),
};
