import { describe, expect, test } from 'vitest';
import { parseSettings, readSettings } from './main-settings.ts';

test('every value has a default, and nothing listens beyond this machine unless told', () => {
  const settings = readSettings([]);
  expect(settings).toMatchObject({
    ok: true,
    value: { https: { host: '127.0.0.1', port: 8443 }, broker: { host: '127.0.0.1', port: 8883 }, gateways: [] },
  });
});

test('the command line goes before the file', () => {
  const settings = readSettings(['--https-port', '0', '--mqtt-port', '1884', '--data', '/x/y', '--console', '/x/c']);
  expect(settings).toMatchObject({
    ok: true,
    value: { data: '/x/y', https: { port: 0, console: '/x/c' }, broker: { port: 1884 } },
  });
});

describe('what is wrong is told with line and path', () => {
  test.each([
    { text: 'https:\n  port: 99999\n', says: /^h\.yaml:2 {2}https\.port: .*65535/ },
    { text: 'data: x\nhtpp:\n  port: 1\n', says: /^h\.yaml:(2|3) {2}htpp: is no setting/ },
    { text: 'gateways:\n  - id: ok\n  - id: Not A Name\n', says: /^h\.yaml:3 {2}gateways\[1\]\.id: is no name/ },
    { text: 'broker:\n  url: http://x\n', says: /^h\.yaml:2 {2}broker\.url: begins with mqtt/ },
    { text: 'http: [\n', says: /^h\.yaml:\d {2}.+/ },
    { text: 'a: 1\na: 2\n', says: /^h\.yaml:2 {2}.*unique/ },
    { text: 'data: x\nhttps: *port\n', says: /^h\.yaml:1 {2}.*alias.*port/ },
    { text: '- 1\n', says: /^h\.yaml:1 {2}the file: / },
  ])('$text', ({ text, says }) => {
    const settings = parseSettings(text, 'h.yaml');
    expect(settings.ok ? 'nothing' : settings.say[0]).toMatch(says);
  });

  test.each([
    { args: ['--https-port', 'x'], says: '--https-port x is no port: 0 (a free one) to 65535' },
    { args: ['--nothing'], says: /Unknown option '--nothing'/ },
    { args: ['--config', '/no/such/file.yaml'], says: /^\/no\/such\/file\.yaml cannot be read/ },
  ])('$args', ({ args, says }) => {
    const settings = readSettings(args);
    expect(settings.ok ? '' : settings.say[0]).toMatch(says);
  });
});
