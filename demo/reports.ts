/** What the parties tell each other: STIX 2.1 objects, all of them made up. */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';

const now = () => new Date().toISOString();

export interface Stix {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

function make(type: string, about: Readonly<Record<string, unknown>>): Stix {
  const time = now();
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${crypto.randomUUID()}`,
    created: time,
    modified: time,
    ...about,
  };
}

export function bytesOf(objects: readonly Stix[]): Bytes[] {
  return objects.map((object) => utf8(JSON.stringify(object)));
}

/** A newer version of the same object. */
export function revised(object: Stix, about: Readonly<Record<string, unknown>>): Stix {
  const later = new Date(Math.max(Date.now(), Date.parse(String(object.modified)) + 1)).toISOString();
  return { ...object, ...about, modified: later };
}

export function report(name: string, description: string, about: readonly Stix[]): Stix {
  return make('report', {
    name,
    description,
    report_types: ['threat-report'],
    published: now(),
    object_refs: about.map(({ id }) => id),
  });
}

export const drone = (): Stix[] => {
  const tool = make('tool', {
    name: 'Quadcopter with a cargo release',
    description: 'Seen twice at dusk over the west quay; no operator was found.',
  });
  const place = make('location', {
    name: 'West quay, Marrow',
    region: 'northern-europe',
    latitude: 54.3,
    longitude: 10.1,
  });
  return [
    report(
      'Unregistered drone over the west quay',
      'Two flights on successive evenings, each about nine minutes, towards the main stage.',
      [tool, place],
    ),
    tool,
    place,
  ];
};

export const tickets = (): Stix[] => {
  const indicator = make('indicator', {
    name: 'Domain that sells forged festival passes',
    pattern: "[domain-name:value = 'marrow-passes.example']",
    pattern_type: 'stix',
    valid_from: now(),
  });
  return [indicator];
};

export const caller = (): Stix[] => [
  make('identity', {
    name: 'Caller of 14 May',
    identity_class: 'individual',
    description:
      'Gave a name and a number that led nowhere. Being looked for as a witness, not as a suspect.',
  }),
];

export const rumour = (): Stix[] => [
  report(
    'Announced march on the harbour gate',
    'One source, not confirmed: a march of several hundred is said to be planned for Saturday noon.',
    [make('location', { name: 'Harbour gate, Marrow', region: 'northern-europe' })],
  ),
];

export const source = (): Stix[] => [
  make('note', {
    abstract: 'How we know of the second flight',
    content: 'From a watchman who asked not to be named. Do not ask him again before Monday.',
    object_refs: [`report--${crypto.randomUUID()}`],
  }),
];

export const roadblock = (): Stix[] => {
  const place = make('location', {
    name: 'Bridge at kilometre 41, northern corridor',
    region: 'northern-europe',
  });
  return [
    report(
      'Road closed at kilometre 41',
      'The bridge does not carry lorries above 12 tonnes since last night. Convoys take the river road.',
      [place],
    ),
    place,
  ];
};

export const advice = (): Stix[] => [
  make('course-of-action', {
    name: 'What to do when a drone is seen above a crowd',
    description:
      'Do not point. Leave the open area by the nearest marked way. Tell a steward where it came from.',
  }),
];

export const parking = (): Stix[] => [
  make('observed-data', {
    first_observed: now(),
    last_observed: now(),
    number_observed: 1,
    object_refs: [`artifact--${crypto.randomUUID()}`],
  }),
];
