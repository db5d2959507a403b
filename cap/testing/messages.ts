/** Messages by chance that keep schema and rules, with every element, strange texts and numbers. */
import fc from 'fast-check';
import {
  type AlertInput,
  alert as alertShape,
  categories,
  certainties,
  msgTypes,
  responseTypes,
  severities,
  statuses,
  urgencies,
} from '../message.ts';
import { isBlank, isXmlText } from '../texts.ts';
import { capTime } from '../times.ts';

const hours = 3_600_000;
const from = Date.parse('2020-01-01T00:00:00Z');

const raw = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('&', '"', "'", '\n', '\r', '\t', ' ', ']]>', ',', '\u0085'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
    ),
    maxLength: 30,
  })
  .filter((text) => isXmlText(text) && !/[<&]/.test(text));
const text = raw.filter((value) => !isBlank(value));
const name = fc.stringMatching(/^[A-Za-z0-9.:@_é-]{1,20}$/);
const listed = fc.oneof(
  name,
  fc.tuple(name, name).map((pair) => pair.join(' ')),
);
const list = fc.array(listed, { maxLength: 3 });
const zone = fc.oneof(
  fc.integer({ min: -840, max: 840 }),
  fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'UTC'),
);
const named = fc.array(fc.record({ valueName: raw, value: raw }), { maxLength: 3 });
const uri = fc.webUrl().filter((url) => !/[[\]|^`\\{}]/.test(url));
const degrees = (limit: number) =>
  fc.integer({ min: -limit * 1e6, max: limit * 1e6 }).map((n) => n / 1e6 + 0);
// Down to a hundredth of a micrometre: numbers below 1e-20 are nothing.
const size = fc.oneof(
  fc.double({ min: 1e-3, max: 900, noNaN: true }),
  fc.integer({ min: 0, max: 9 }).map((n) => n / 1e8),
);

const ring = fc
  .record({
    lon: degrees(170),
    lat: degrees(80),
    wide: fc.integer({ min: 1, max: 9 }),
    high: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ lon, lat, wide, high }): [number, number][] => [
    [lon, lat],
    [lon + wide, lat],
    [lon + wide, lat + high],
    [lon, lat + high],
    [lon, lat],
  ]);

const area = fc.record({
  areaDesc: text,
  polygon: fc.array(ring, { maxLength: 2 }),
  circle: fc.array(fc.record({ center: fc.tuple(degrees(180), degrees(90)), radius: size }), {
    maxLength: 2,
  }),
  geocode: named,
  altitude: fc.option(fc.integer({ min: -1_000, max: 0 }), { nil: undefined }),
});

const resource = fc.record({
  resourceDesc: raw,
  mimeType: fc.constantFrom('image/png', 'application/pdf'),
  size: fc.option(fc.nat(), { nil: undefined }),
  uri,
  derefUri: fc.option(fc.base64String({ minLength: 4, maxLength: 40 }), { nil: undefined }),
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

function info(language: string, sent: number, where: string | number) {
  const after = (min: number, max: number) =>
    fc.integer({ min, max }).map((n) => capTime(sent + n * hours, where));
  return fc.record({
    language: fc.constant(language),
    category: fc.uniqueArray(fc.constantFrom(...categories), { minLength: 1 }),
    event: text,
    responseType: fc.uniqueArray(fc.constantFrom(...responseTypes)),
    urgency: fc.constantFrom(...urgencies),
    severity: fc.constantFrom(...severities),
    certainty: fc.constantFrom(...certainties),
    audience: maybe(text),
    eventCode: named,
    effective: maybe(after(0, 5)),
    onset: maybe(after(0, 9)),
    expires: after(10, 100),
    senderName: maybe(text),
    headline: maybe(text),
    description: text.map((words) => `${language}: ${words}`),
    instruction: maybe(text.map((words) => `${language}: ${words}`)),
    web: maybe(uri),
    contact: maybe(text),
    parameter: named,
    resource: fc.array(resource, { maxLength: 2 }),
    area: fc.array(area, { maxLength: 2 }),
  });
}

const moment = fc.record({
  sent: fc.integer({ min: 0, max: 200_000 }).map((n) => from + n * hours),
  where: zone,
});

export const messages = moment.chain(({ sent, where }) =>
  fc
    .record({
      identifier: name,
      sender: name,
      sent: fc.constant(capTime(sent, where)),
      status: fc.constantFrom(...statuses),
      msgType: fc.constantFrom(...msgTypes),
      source: maybe(text),
      scope: fc.constantFrom('Public' as const, 'Restricted' as const, 'Private' as const),
      restriction: text,
      addresses: fc.array(listed, { minLength: 1, maxLength: 3 }),
      code: fc.array(listed, { maxLength: 3 }),
      note: maybe(text),
      references: fc.uniqueArray(
        fc.record({
          sender: name,
          identifier: name.map((id) => `${id}-earlier`),
          sent: fc.constant(capTime(sent - hours, 'UTC')),
        }),
        {
          selector: ({ sender, identifier }) => `${sender},${identifier}`,
          minLength: 1,
          maxLength: 3,
        },
      ),
      incidents: list,
      info: fc.tuple(info('en', sent, where), info('fr-CA', sent, where)),
      blocks: fc.integer({ min: 0, max: 2 }),
    })
    .map(
      ({ restriction, blocks, ...rest }): AlertInput => ({
        ...rest,
        ...(rest.scope === 'Restricted' ? { restriction } : {}),
        info: rest.info.slice(0, blocks),
      }),
    )
    // What is left out is not there, and not undefined.
    .map((input) => alertShape.parse(JSON.parse(JSON.stringify(input)))),
);
