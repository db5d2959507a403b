/** Who plays. Every name is invented: no state, city or organisation of the world is meant. */
export const centreName = 'exercise.parley.example';

export const names = {
  city: 'Event Security of Port Alder',
  norvane: 'Norvane Protection Service',
  halvern: 'Halvern Ministry of the Interior',
  ostrey: 'Ostrey National Police',
  quorra: 'Quorra Border and Coast Office',
  embassy: 'Embassy of Quorra in Port Alder',
  lantern: 'Lantern Relief',
  commission: 'Data Protection Commission of the Strait',
} as const;

/** Also the name of the party's home in the folder of the demonstration. */
export type Role = keyof typeof names;

export const roles = Object.keys(names) as Role[];

/** A second device of Quorra, for one room and without personal data. Its home stands beside the others. */
export const tablet = 'quorra-tablet';
export const tabletName = 'Tablet on the patrol boat';

/** Whoever has a home in the folder of the demonstration. */
export type Seat = Role | typeof tablet;

export const seats: readonly Seat[] = [...roles, tablet];

/** The party that hosts the centre; it opens it and invites the others. */
export const host: Role = 'city';

export const devices: Readonly<Record<Role, string>> = {
  city: 'Control room, desk 1',
  norvane: 'Situation centre',
  halvern: 'Duty desk',
  ostrey: 'Watch officer',
  quorra: 'Coast watch',
  embassy: 'Security attaché',
  lantern: 'Convoy desk',
  commission: 'Registry',
};

/** For what each reads from its home, until it says otherwise. */
export const purposes: Readonly<Record<Role, string>> = {
  city: 'event-security',
  norvane: 'event-security',
  halvern: 'event-security',
  ostrey: 'event-security',
  quorra: 'humanitarian-protection',
  embassy: 'event-security',
  lantern: 'humanitarian-protection',
  commission: 'protective-security',
};
