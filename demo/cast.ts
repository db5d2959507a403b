/** Who plays in the exercise. No state, faith or nationality that exists. */

export interface Role {
  /** The folder of its home. */
  readonly home: string;
  readonly name: string;
  readonly device: string;
  /** For what its officer reads. */
  readonly purpose: string;
}

/** The first of them hosts the centre. */
export const cast = {
  aldermark: {
    home: 'aldermark',
    name: 'Aldermark Interior Ministry',
    device: 'Situation room',
    purpose: 'event-security',
  },
  vessany: {
    home: 'vessany',
    name: 'Vessany Police Directorate',
    device: 'Duty desk',
    purpose: 'event-security',
  },
  tarn: { home: 'tarn', name: 'Tarn Security Service', device: 'Liaison desk', purpose: 'threat-prevention' },
  ostrel: {
    home: 'ostrel',
    name: 'Ostrel Civil Protection',
    device: 'Watch',
    purpose: 'humanitarian-protection',
  },
  embassy: {
    home: 'embassy',
    name: 'Embassy of Tarn in Aldermark',
    device: 'Security officer',
    purpose: 'protective-security',
  },
  city: {
    home: 'city',
    name: 'City of Marrow Event Security',
    device: 'Festival control',
    purpose: 'event-security',
  },
  lantern: {
    home: 'lantern',
    name: 'Lantern Relief',
    device: 'Field safety',
    purpose: 'humanitarian-protection',
  },
} as const satisfies Record<string, Role>;

export type RoleName = keyof typeof cast;
export const roles = Object.keys(cast) as RoleName[];
