import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAnswers } from '@tiepoint/agent/field/commission/answers-file.ts';
import { readOrdered } from '@tiepoint/agent/field/commission/ordered-file.ts';
import { readProgress } from '@tiepoint/agent/field/commission/progress-file.ts';
import { readReport } from '@tiepoint/agent/field/commission/report-output.ts';
import { readEnrolment } from '@tiepoint/agent/io/keys/enrolment-file.ts';
import { readKeyFile } from '@tiepoint/agent/io/keys/key-file.ts';
import { readTrustFile } from '@tiepoint/agent/io/trust.ts';
import { AuditCheckpoints } from '@tiepoint/headend/authority/audit-checkpoints.ts';
import { CertificateAuthority, newKeyPair } from '@tiepoint/headend/authority/certificate-authority.ts';
import { certificatesIn } from '@tiepoint/headend/authority/certificate-file.ts';
import { requestedKey } from '@tiepoint/headend/authority/certificate-request.ts';
import { fileVault } from '@tiepoint/headend/authority/key-vault.ts';
import { CommandKeys } from '@tiepoint/headend/authority/command-keys.ts';
import { exportCim } from '@tiepoint/headend/network/cim/export-cim.ts';
import { importCim } from '@tiepoint/headend/network/cim/import-cim.ts';
import { importOpenDss } from '@tiepoint/headend/network/opendss/import-opendss.ts';
import type { ScriptFiles } from '@tiepoint/headend/network/opendss/script-files.ts';
import { importCustomerMap } from '@tiepoint/headend/network/tables/customer-map.ts';
import { importMeterList } from '@tiepoint/headend/network/tables/meter-list.ts';
import { newRequest } from '@tiepoint/headend/nms/testing/field-client.ts';
import { certificateHolder } from '@tiepoint/protocol';
import { parseEnrolmentToken } from '@tiepoint/protocol/field';
import { memoryFolder, startedKeys } from '../faults/keys.ts';
import { meterTargets } from './meter-targets.ts';
import { mutatedText, oddWords } from './mutate.ts';
import type { Target } from './targets.ts';

/** What people and programs leave on disks, and what is shown to prove who somebody is. */
export async function fileTargets(): Promise<{ targets: readonly Target[]; end(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-fuzz-files-'));
  return {
    targets: [...networkTargets(), ...(await meterTargets(folder)), fieldFiles(folder), ...(await identityTargets())],
    end: () => rmSync(folder, { recursive: true }),
  };
}

export const townScript = `Clear
New Circuit.town bus1=src basekv=12.47 pu=1.02 phases=3 MVAsc3=200 MVAsc1=210
New Linecode.wire nphases=3 r1=0.3 x1=0.4 r0=0.7 x0=1.2 c1=0 c0=0 units=km
New Linecode.drop nphases=2 rmatrix=(0.1 | 0.05 0.1) xmatrix=(0.1 | 0.05 0.1) units=km
New Line.one bus1=src.1.2.3 bus2=a.1.2.3 linecode=wire length=0.2 units=km normamps=400
~ switch=n
New Line.sw bus1=a bus2=b switch=y
New Transformer.t1 phases=1 windings=3 buses=(b.1 c.1.0 c.0.2) conns=(wye wye wye) kvs=(7.2 0.12 0.12) kvas=(25 25 25) %rs=(0.6 1.2 1.2) xhl=2.04 xht=2.04 xlt=1.36
New RegControl.r1 transformer=t1 winding=2 vreg=122 band=2 ptratio=60 ctprim=300
New Load.house phases=1 bus1=c.1.2 kv=0.24 kw=(5 2 /) pf=0.97 model=1
New Capacitor.c bus1=a phases=3 kvar=300 kv=12.47
New PVSystem.roof phases=1 bus1=c.1.2 kv=0.24 kva=6 pmpp=5 pf=1
Redirect more.dss
Buscoords coords.csv
Open Line.sw 1
Set voltagebases=[12.47 0.208]
Solve mode=snapshot
`;
const customerMap =
  'customer,name,kind,critical,service_point,transformer,node,phases,meter,rated_current_a\nc1,Ann,residential,no,sp1,t1,,s1,m1,200\nc2,,c,yes,sp2,,c,s12,m2,\n';
const meterList = 'meter,service_point,customer,latitude,longitude\nm1,sp1,,40.1,-88.2\nm2,,c2,40.1,-88.2\n';

function networkTargets(): readonly Target[] {
  const filesOf = (texts: Readonly<Record<string, string>>): ScriptFiles => ({
    read: (path) => texts[path],
    join: (_folder, path) => path,
    folderOf: () => '',
  });
  const coords = 'src, 1, 2\na, 3, 4\nb, 5, 6\nc 7 8\n';
  const { network } = importOpenDss('town.dss', filesOf({ 'town.dss': townScript, 'coords.csv': coords }));
  const cim = exportCim(network);
  const words = [
    ...oddWords,
    'New ',
    '~ ',
    'Redirect town.dss',
    'like=',
    '(1 | 2',
    '<rdf:li>',
    '</cim:',
    '&amp',
    'rdf:ID=',
  ];
  return [
    {
      name: 'opendss',
      perMille: 1,
      take: (random) => {
        const text = mutatedText(random, [townScript], words);
        const texts = { 'town.dss': text, 'more.dss': random.next() < 0.2 ? text : '', 'coords.csv': coords };
        importOpenDss('town.dss', filesOf(texts));
      },
    },
    {
      name: 'cim',
      perMille: 1,
      take: (random) => {
        const text = mutatedText(random, [cim], words);
        const cut = random.below(text.length + 1);
        importCim('town.xml', [text.slice(0, cut), text.slice(cut)]);
      },
    },
    {
      name: 'customer maps',
      perMille: 2,
      take: (random) => {
        importCustomerMap('map.csv', mutatedText(random, [customerMap], words), network);
        importMeterList('meters.csv', mutatedText(random, [meterList], words), network);
      },
    },
  ];
}

/** Files of the gateway and of the technician. What cannot be read is told, or thrown as an Error with a sentence. */
function fieldFiles(folder: string): Target {
  const path = join(folder, 'file');
  const report = { json: path, html: path };
  const samples = [
    'cts: { main: { ratio: "200:5" } }\nplates: { meter-1: "S-1" }\nratings: { meter-1: { ratedCurrentA: 200 } }\n',
    '- { id: meter-1, profile: ami-meter-200a, serialNumber: S-1 }\n',
    JSON.stringify({
      version: 1,
      id: 'x',
      configurationHash: 'c',
      startedAtMs: 1,
      results: {},
      devices: {},
      found: {},
    }),
    JSON.stringify({ url: 'https://h:8444', gatewayId: 'gw-1', site: { id: 'home', title: 'Home' } }),
    JSON.stringify({ revision: 1, commandKeys: ['A'.repeat(43)], recoveryKey: 'A'.repeat(43) }),
  ];
  const readers: readonly (() => unknown)[] = [
    () => readAnswers(path),
    () => readOrdered(path),
    () => readProgress(path),
    () => readReport(report),
    () => readEnrolment(folder),
    () => readKeyFile(path),
    () => saidOnly(() => readTrustFile(path)),
  ];
  return {
    name: 'files of the field',
    perMille: 1,
    take: (random) => {
      writeFileSync(path, mutatedText(random, samples, oddWords));
      writeFileSync(join(folder, 'enrolment.json'), mutatedText(random, samples, oddWords));
      for (const read of readers) read();
    },
  };
}

async function identityTargets(): Promise<readonly Target[]> {
  const { certificateRequest } = await newRequest();
  const keyFiles = new Map<string, string>();
  const keys = memoryFolder(keyFiles);
  const authority = await CertificateAuthority.open(keys, Date.now());
  startedKeys(keys, 0);
  const order = {
    publicKey: (await newKeyPair()).publicKey,
    commonName: 'gw-1',
    altNames: [],
    usages: [],
    validMs: 1e9,
  };
  const { chainPem } = await authority.issue(order, Date.now());
  const checkpoint = { seq: 1, hash: 'a'.repeat(64), atMs: 1, key: 'A'.repeat(43), signature: 'A'.repeat(86) };
  keyFiles.set('audit-checkpoints.json', JSON.stringify([checkpoint]));
  const token = `${'a'.repeat(40)}.${authority.fingerprint}`;
  return [
    {
      name: 'certificates',
      perMille: 2,
      take: (random) => {
        certificatesIn(mutatedText(random, [chainPem], ['-----BEGIN CERTIFICATE-----', '-----END ', '=', 'A']));
        certificateHolder(mutatedText(random, ['URI:urn:tiepoint:gateway:gw-1, DNS:x'], [', ', 'URI:', '"', '\\']));
        parseEnrolmentToken(mutatedText(random, [token], ['.', ' ', ':']));
      },
    },
    {
      name: 'requests for certificates',
      perMille: 1,
      take: async (random) =>
        void (await requestedKey(mutatedText(random, [certificateRequest], ['=', '-----', 'MII']))),
    },
    {
      name: 'key folders',
      perMille: 1,
      take: (random) => {
        const files = new Map(keyFiles);
        const names = [...files.keys()];
        const name = names[random.below(names.length)] ?? '';
        files.set(name, mutatedText(random, [files.get(name) ?? ''], oddWords));
        saidOnly(() => {
          const folder = memoryFolder(files);
          new CommandKeys(folder, fileVault(folder)).start(0);
          return new AuditCheckpoints(folder).all();
        });
      },
    },
  ];
}

/** An Error with a sentence for people is an answer; one of the language is a fault of the reader. */
function saidOnly(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    const isFault = [TypeError, RangeError, SyntaxError, ReferenceError].some((each) => error instanceof each);
    if (isFault || !(error instanceof Error)) throw error;
  }
}
