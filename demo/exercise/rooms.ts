/** The three rooms, and how each kind of report is handled in them. */
import { handlingForCodes } from '@parley/core/codes.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Terms } from '@parley/core/terms.ts';

export const festivalTerms: Terms = {
  title: 'Harbour Festival',
  purposes: [
    'event-security',
    'protective-security',
    'threat-prevention',
    'criminal-intelligence',
    'public-information',
  ],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: 90,
  past: true,
  roster: true,
  level: 'technical',
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

/** Who is named in the terms of the ministers' room. */
export interface CouncilParties {
  readonly host: string;
  readonly thirdState: string;
  readonly processor: string;
  readonly observer: string;
  readonly supervisor: string;
}

export function councilTerms(parties: CouncilParties): Terms {
  const { host, thirdState, processor, observer, supervisor } = parties;
  return {
    title: 'Strait Council',
    purposes: ['protective-security', 'threat-prevention'],
    own: [],
    handling: { purposes: ['protective-security'], onward: 'never', tlp: 'amber' },
    retention: 365,
    past: false,
    roster: true,
    conditions: 'Ministers tell each other what protects people at sea and on the quays of the strait.',
    level: 'ministerial',
    protection: {
      controller: 'each',
      processor,
      transfers: [
        { party: thirdState, ground: { id: 'agreement', text: 'Strait Agreement on police data, Art. 9' } },
        { party: observer, ground: { id: 'vital-interest', text: 'Only to save people at sea' } },
      ],
      others: { id: 'union', text: 'States of the Strait Union' },
    },
    undertakings: [
      {
        ...{ id: 'report-sightings', by: thirdState, inReturnFor: [] },
        text: 'Reports every boat that is seen without lights within six hours.',
      },
      {
        ...{ id: 'share-patrols', by: host, inReturnFor: ['report-sightings'] },
        text: 'Shares its plan of patrols a week ahead.',
      },
      {
        ...{ id: 'protect-only', by: 'each', inReturnFor: [] },
        text: 'Uses what is said here to protect people, never to direct force against anybody.',
      },
    ],
    supervisor,
  };
}

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

export const toCouncil: Handling = {
  ...toRoom,
  purposes: ['protective-security'],
  onward: 'never',
};

/** Members and observers. */
export const toObservers: Handling = { ...toCouncil, to: 'observers' };

export const aboutWitnesses: Handling = {
  ...toCouncil,
  personal: [{ category: 'witness', nature: 'fact' }],
  review: inHours(24 * 14),
};

function onlyTo(parties: readonly string[]): Handling {
  return { ...toRoom, to: { parties: [...parties] }, onward: 'never', tlp: 'red', review: inHours(72) };
}

/** Police information, as Europol's codes H1 and H2 ask for, restricted, and not to be acted on openly. */
export function forPolice(parties: readonly string[]): Handling {
  const { purposes: _, onward: __, ...rest } = onlyTo(parties);
  const marked = { ...rest, classification: 'restricted', pap: 'amber' } as const;
  return handlingForCodes(['H1', 'H2'], marked, festivalTerms);
}

export function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
