/** What is shared in the exercise, as STIX 2.1 objects. Persons and places are invented. */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';

export type Stix = { readonly type: string; readonly id: string } & Readonly<Record<string, unknown>>;

function object(type: string, about: object): Stix {
  const now = new Date().toISOString();
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${crypto.randomUUID()}`,
    created: now,
    modified: now,
    ...about,
  };
}

export function place(name: string, latitude: number, longitude: number): Stix {
  return object('location', { name, latitude, longitude });
}

/** A report on other objects, which come along. */
export function report(name: string, description: string, on: readonly Stix[]): Stix {
  const published = new Date().toISOString();
  return object('report', { name, description, published, object_refs: on.map(({ id }) => id) });
}

export function person(name: string, description: string): Stix {
  return object('identity', { name, description, identity_class: 'individual' });
}

export function note(content: string, on: readonly Stix[]): Stix {
  return object('note', { content, object_refs: on.map(({ id }) => id) });
}

/** The same object, as it is known now. STIX 2.1, 3.6: a later `modified` is a later version. */
export function corrected(before: Stix, changes: object): Stix {
  const modified = new Date(Math.max(Date.now(), Date.parse(String(before.modified)) + 1)).toISOString();
  return { ...before, ...changes, modified };
}

export function bytesOf(objects: readonly Stix[]): Bytes[] {
  return objects.map((each) => utf8(JSON.stringify(each)));
}

export const places = {
  stage: place('Harbour stage, Port Alder', 54.1032, 7.9011),
  eastQuay: place('East quay, Port Alder', 54.1051, 7.9078),
  ferry: place('Ferry terminal, Port Alder', 54.1007, 7.8954),
  gate4: place('Gate 4, Port Alder', 54.1028, 7.9029),
  tollan: place('Bridge at Tollan', 54.2213, 8.0417),
  ridge: place('Ridge road, northern bend', 54.2588, 8.1106),
};
