import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { DemonstrationSite } from './demonstration-site.ts';
import { startFaultControl } from './fault-control.ts';

const here = '127.0.0.1';
const curlType = 'application/x-www-form-urlencoded';

test.each([
  { who: 'curl -d', headers: { host: here, 'content-type': curlType }, status: 200 },
  { who: 'a program', headers: { host: `${here}:8080`, 'content-type': 'application/json' }, status: 200 },
  { who: 'by name', headers: { host: 'localhost:1' }, status: 200 },
  { who: 'by IPv6', headers: { host: '[::1]:1' }, status: 200 },
  {
    who: 'a form of a page',
    headers: { host: here, origin: 'http://evil.example', 'content-type': curlType },
    status: 403,
  },
  { who: 'a sandboxed page', headers: { host: here, origin: 'null' }, status: 403 },
  { who: 'a page of another port here', headers: { host: here, origin: `http://${here}:8080` }, status: 403 },
  { who: 'a name that was pointed here', headers: { host: 'evil.example:80' }, status: 403 },
  { who: 'a name that begins as ours', headers: { host: '127.0.0.1.evil.example' }, status: 403 },
])('$who gets $status', async ({ headers, status }) => {
  const site = new DemonstrationSite();
  const device = site.devices['meter-1'];
  const control = await startFaultControl({ devices: [device], port: 0 });
  if (!control.ok) throw new Error(control.say);
  onTestFinished(() => control.stop());
  const answered = await new Promise<number | undefined>((resolve, reject) => {
    request(`${control.url}/devices/meter-1/faults`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end('{"stuckSwitch": true}');
  });
  expect(answered).toBe(status);
  expect(device.faults).toEqual(status === 200 ? { stuckSwitch: true } : {});
});
