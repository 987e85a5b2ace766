import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RtuFraming } from '@tiepoint/agent/io/bus/rtu-framing.ts';
import { TcpFraming } from '@tiepoint/agent/io/bus/tcp-framing.ts';
import { expectationOf } from '@tiepoint/agent/io/bus/expectation.ts';
import { ConfigurationError, parseConfiguration } from '@tiepoint/agent/io/configuration.ts';
import { parseProfile } from '@tiepoint/agent/io/profile-file.ts';
import { parseSettings } from '@tiepoint/headend/main-settings.ts';
import { followPackets, startOfStream } from '@tiepoint/headend/nms/link/packet-length.ts';
import { connectPacket, publishPacket } from '@tiepoint/headend/nms/link/raw-client.ts';
import { readImport } from '@tiepoint/headend/nms/provisioning/csv-import.ts';
import {
  drive,
  findProfile,
  identify,
  layOut,
  profiles,
  readImage,
  readTelegram,
  TelegramSplitter,
  telegramImage,
  validateProfile,
  WordImage,
} from '@tiepoint/hardware-profiles';
import * as protocol from '@tiepoint/protocol';
import { decodeSign1, openEnvelope, seal, signerOf, verifyingKey } from '@tiepoint/protocol/envelope';
import * as field from '@tiepoint/protocol/field';
import fc from 'fast-check';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { parseImage } from '../../devices/image-file.ts';
import { telegramOf } from '../../devices/p1-telegram.ts';
import { mutatedBytes, mutatedText, mutatedValue, oddWords } from './mutate.ts';

/** Something that takes what others send or write. */
export type Target = {
  readonly name: string;
  /** How many of a thousand inputs: cheap decoders get most. */
  readonly perMille: number;
  /** Takes one input, drawn at random; throws where it ought not to. */
  readonly take: (random: SeededRandom) => void | Promise<void>;
};

const vectorFolder = join(import.meta.dirname, '../../../protocol/vectors');

/** The golden bytes of every message: valid samples to spoil. */
function goldenBytes(): Uint8Array[] {
  return readdirSync(vectorFolder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => JSON.parse(readFileSync(join(vectorFolder, name), 'utf8')) as { hex?: string }[])
    .flatMap(({ hex }) => (hex === undefined ? [] : [Uint8Array.from(Buffer.from(hex, 'hex'))]));
}

export function decoderTargets(): readonly Target[] {
  return [...messageTargets(), ...wireTargets(), ...textTargets(), ...valueTargets()];
}

/** All that protocol exports to read a message with, so that none is forgotten. */
export function messageDecoders(): readonly ((bytes: Uint8Array) => unknown)[] {
  return Object.entries(protocol).flatMap(([name, each]: [string, unknown]) => {
    if (/^decode[A-Z]/.test(name) || name === 'fromCbor') return [each as (bytes: Uint8Array) => unknown];
    const { fromBytes } = (each ?? {}) as { fromBytes?: (bytes: Uint8Array) => unknown };
    return typeof fromBytes === 'function' ? [(bytes: Uint8Array) => fromBytes.call(each, bytes)] : [];
  });
}

function messageTargets(): readonly Target[] {
  const golden = goldenBytes();
  const decoders = messageDecoders();
  const signer = signerOf(new Uint8Array(32).fill(7));
  const key = verifyingKey(signer.publicKey);
  const place = { kind: 'command', gatewayId: 'gw-1' } as const;
  const sealed = golden.slice(0, 20).map((bytes) => seal(bytes, place, signer));
  const topics = [
    'tiepoint/v1/host',
    'tiepoint/v1/gw-1/birth',
    'tiepoint/v1/gw-1/meter-1/status',
    'tiepoint/v1/gw-1/meter-1/command',
  ];
  return [
    {
      name: 'messages',
      perMille: 700,
      take: (random) => {
        decoders[random.below(decoders.length)]?.(mutatedBytes(random, golden));
      },
    },
    {
      name: 'envelope',
      perMille: 60,
      take: (random) => {
        const bytes = mutatedBytes(random, sealed);
        decodeSign1(bytes);
        const opened = openEnvelope(bytes, place, (kid) => (kid === key?.kid ? key : undefined));
        if (opened.ok && !golden.some((one) => Buffer.compare(one, opened.content) === 0))
          throw new Error('an envelope opened that nobody signed');
      },
    },
    {
      name: 'topics',
      perMille: 60,
      take: (random) => void protocol.parseTopic(mutatedText(random, topics, ['+', '#', '/', '$SYS'])),
    },
  ];
}

function wireTargets(): readonly Target[] {
  const read = { kind: 'read', unit: 1, table: 'holding', address: 0, quantity: 4 } as const;
  const replies = [Uint8Array.of(1, 3, 8, 0, 1, 0, 2, 0, 3, 0, 4, 13, 20), Uint8Array.of(1, 0x83, 2, 0xc0, 0xf1)];
  const tcpReplies = [
    Uint8Array.of(0, 1, 0, 0, 0, 11, 1, 3, 8, 0, 1, 0, 2, 0, 3, 0, 4),
    Uint8Array.of(0, 1, 0, 0, 0, 3, 1, 0x83, 2),
  ];
  const rtu = new RtuFraming();
  const tcp = new TcpFraming();
  const feed = (framing: RtuFraming | TcpFraming, random: SeededRandom, samples: readonly Uint8Array[]): void => {
    if (random.next() < 0.2) framing.ask(Uint8Array.of(1, 3, 0, 0, 0, 4, 0x44, 0x09), expectationOf(read));
    framing.receive(mutatedBytes(random, samples));
    if (framing.held() > 4_096) throw new Error(`${framing.held()} bytes are held`);
    if (random.next() < 0.05) framing.reset();
  };
  const telegrams = [
    new TextEncoder().encode(
      telegramOf({ '1-0:1.8.0': '000123.456*kWh', '1-0:1.7.0': '00.428*kW', '0-0:96.1.1': '4B38' }),
    ),
  ];
  const splitter = new TelegramSplitter();
  const packets = [connectPacket('gw-one'), publishPacket('tiepoint/v1/one/meter-1/status', 'x'.repeat(300))];
  return [
    { name: 'rtu', perMille: 50, take: (random) => feed(rtu, random, replies) },
    { name: 'tcp', perMille: 50, take: (random) => feed(tcp, random, tcpReplies) },
    {
      name: 'telegrams',
      perMille: 20,
      take: (random) => {
        const bytes = mutatedBytes(random, telegrams);
        for (const whole of [...splitter.take(bytes), bytes]) {
          const told = readTelegram(whole, random.next() < 0.5 ? 'crc16' : 'none');
          if (told.ok) telegramImage(told.value);
        }
      },
    },
    { name: 'registers', perMille: 4, take: registerImages() },
    {
      name: 'lengths of packets',
      perMille: 20,
      take: (random) => {
        const cursor = { ...startOfStream };
        for (let pieces = random.below(4); pieces >= 0; pieces -= 1) {
          const verdict = followPackets(cursor, mutatedBytes(random, packets), 4_096);
          if (verdict !== 'fits') return;
          if (cursor.remaining > 4_096) throw new Error(`${cursor.remaining} bytes are waited for`);
        }
      },
    },
  ];
}

/** Identification and SunSpec chains over images in which words are wrong or missing. */
function registerImages(): Target['take'] {
  const sunspec = profiles.filter(({ identify: by }) => 'sunspec' in by);
  const images = sunspec.map((profile) => ({ profile, entries: layOut(profile).image.entries('holding') }));
  return (random) => {
    const drawn = images[random.below(images.length)];
    if (drawn === undefined) return;
    const image = new WordImage();
    const wrong = new Set(Array.from({ length: 1 + random.below(12) }, () => random.below(drawn.entries.length)));
    for (const [index, [address, word]] of drawn.entries.entries()) {
      if (!wrong.has(index)) image.set('holding', address, [word], 0);
      else if (random.next() < 0.8)
        image.set('holding', address, [random.next() < 0.3 ? 0xffff : random.below(0x1_0000)], 0);
    }
    drive(identify(drawn.profile), (request) => readImage(image, request));
  };
}

function textTargets(): readonly Target[] {
  const gateway =
    'gateway: { id: gw-1, dataDir: /tmp/none }\nmqtt: { url: "mqtts://127.0.0.1" }\nbuses:\n  - { name: a, kind: tcp, host: 127.0.0.1 }\ndevices:\n  - { id: m, bus: a, unit: 1, profile: ami-meter-200a, limits: { switchRatingA: 200 } }\n';
  const settings =
    'data: /tmp/x\nhttps: { host: 127.0.0.1, port: 1 }\nbroker: { url: "mqtts://b:8883" }\ngateways:\n  - { id: site-1, title: Site }\n';
  const profileText = JSON.stringify(findProfile('eastron-sdm120'));
  const csv = [
    'site,site_title,gateway,device,profile,serial_number,switched_by,connection,unit,contract,contract_power_kw,may_command,from',
    'home,Home,gw-1,meter-1,test/meter,S-1,,rtu /dev/ttyUSB0 9600 8N1,1,,,,',
    'home,Home,gw-1,pv-1,test/pv,,meter-1,,,C-1,3,ada,1970-01-01',
  ].join('\n');
  const image = '# image\n5375 6E53 0001\n@ 40100\n---- 00A1\n@input 0\n0001 FFFF\n@coil 3\n0001\n';
  const book: Parameters<typeof readImport>[1] = { site: new Map(), device: new Map(), contract: new Map() };
  return [
    {
      name: 'gateway files',
      perMille: 2,
      take: (random) => {
        try {
          parseConfiguration(mutatedText(random, [gateway], oddWords), 'gateway.yaml');
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
        }
      },
    },
    {
      name: 'settings',
      perMille: 2,
      take: (random) => void parseSettings(mutatedText(random, [settings], oddWords), 'headend.yaml'),
    },
    {
      name: 'profile files',
      perMille: 2,
      take: (random) => void parseProfile(mutatedText(random, [profileText], oddWords), 'own.yaml'),
    },
    {
      name: 'csv',
      perMille: 4,
      take: (random) => void readImport(mutatedText(random, [csv], [...oddWords, ';', '"']), book),
    },
    {
      name: 'image files',
      perMille: 10,
      take: (random) => void parseImage(mutatedText(random, [image], oddWords), 'image'),
    },
  ];
}

/** What comes as JSON: the shapes of the field routes, and profiles. */
function valueTargets(): readonly Target[] {
  const makers: readonly string[] = ['textShape', 'numberShape', 'choiceShape', 'listShape', 'objectShape', 'mapShape'];
  const shapes = Object.entries(field).flatMap(([name, shape]) =>
    name.endsWith('Shape') && !makers.includes(name) && typeof shape === 'function'
      ? [shape as (value: unknown, path: string) => unknown]
      : [],
  );
  const samples = fc.sample(fc.jsonValue({ maxDepth: 4 }), { numRuns: 500, seed: 1 });
  const some = [findProfile('eastron-sdm120'), findProfile('sunspec-inverter'), findProfile('deif-gc-1f-2')];
  return [
    {
      name: 'field shapes',
      perMille: 30,
      take: (random) => {
        shapes[random.below(shapes.length)]?.(mutatedValue(random, samples[random.below(samples.length)]), '');
      },
    },
    {
      name: 'profiles',
      perMille: 4,
      take: (random) => void validateProfile(mutatedValue(random, some[random.below(some.length)])),
    },
  ];
}
