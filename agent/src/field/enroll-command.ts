import type { FieldCommand } from './field-command.ts';

export const enroll: FieldCommand = {
  name: 'enroll',
  summary: 'turn a token of the head-end into this gateway’s identity, configuration and profiles',
  usage: '--url URL --token TOKEN [--dir DIR], or URL TOKEN',
  examples: [
    'tiepoint-agent enroll --url https://headend.example --token 7F3K-… --dir /etc/tiepoint',
    'tiepoint-agent enroll --url https://headend.example --token 9QX2-… --replace',
  ],
  options: {
    url: { type: 'string', placeholder: 'URL', help: 'the head-end, as https://headend.example' },
    token: {
      type: 'string',
      placeholder: 'TOKEN',
      help: 'the enrolment token; TIEPOINT_TOKEN is read where it is not given',
    },
    dir: { type: 'string', placeholder: 'DIR', help: 'where the files go (/etc/tiepoint)' },
    name: { type: 'string', placeholder: 'NAME', help: 'who enrols, for the head-end’s audit' },
    'data-dir': { type: 'string', placeholder: 'DIR', help: 'where the agent keeps its data (as the head-end says)' },
    replace: { type: 'boolean', help: 'replace an identity that is there; its files are kept aside' },
  },
  run: async (input, terminal) => await (await import('./enroll-run.ts')).runEnroll(input, terminal),
};
