/** Who plays. Every name is invented: no state, city or organisation of the world is meant. */
export const centreName = 'exercise.parley.example';

export const names = {
  city: 'City of Port Alder, Event Security',
  norvane: 'Norvane Protection Service',
  halvern: 'Halvern Ministry of the Interior',
  ostrey: 'Ostrey National Police',
  quorra: 'Quorra Border and Coast Office',
  embassy: 'Embassy of Quorra in Port Alder',
  lantern: 'Lantern Relief',
} as const;

/** Also the name of the party's home in the folder of the demonstration. */
export type Role = keyof typeof names;

export const roles = Object.keys(names) as Role[];

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
};
