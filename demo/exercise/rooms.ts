/** The two rooms, and how each kind of report is handled in them. */
import type { Handling } from '@parley/core/handling.ts';
import type { Terms } from '@parley/core/terms.ts';

export const festivalTerms: Terms = {
  title: 'Harbour Festival',
  purposes: ['event-security', 'protective-security', 'threat-prevention', 'public-information'],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: 90,
  past: true,
  roster: true,
  conditions: `What is said here protects the visitors, guests and staff of the Harbour Festival, and nothing else.
It is no ground for measures against anybody: who wants to act on it investigates for itself.
Origin, faith or nationality is never an indicator.`,
};

export const corridorTerms: Terms = {
  title: 'Corridor Watch',
  purposes: ['humanitarian-protection', 'threat-prevention', 'x-convoy-routing'],
  own: [
    {
      id: 'x-convoy-routing',
      title: 'Choosing routes for convoys with aid',
      basis: 'Agreement of the members of this room',
    },
  ],
  handling: { purposes: ['humanitarian-protection'], onward: 'never', tlp: 'amber+strict' },
  retention: 30,
  past: false,
  roster: true,
  conditions:
    'Members warn of dangers to convoys. Nobody uses what is said here to follow, stop or search one.',
};

/** What the terms of the festival propose, with an end that they allow. */
export const toRoom: Handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: inHours(24 * 60),
  review: null,
  tlp: 'amber',
  personal: false,
};

export const toEverybody: Handling = {
  ...toRoom,
  to: 'public',
  purposes: ['event-security', 'public-information'],
  onward: 'room',
  tlp: 'clear',
};

export const toConvoys: Handling = {
  ...toRoom,
  purposes: ['humanitarian-protection', 'x-convoy-routing'],
  onward: 'never',
  until: inHours(24 * 14),
  tlp: 'amber+strict',
};

export function onlyTo(parties: readonly string[]): Handling {
  return { ...toRoom, to: { parties: [...parties] }, onward: 'never', tlp: 'red', review: inHours(72) };
}

export function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
