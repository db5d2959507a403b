/** The shipped list of purposes. A room's terms may add its own, whose ids begin with `x-`. */

export type Language = 'en' | 'de' | 'fr';

export interface Purpose {
  readonly id: string;
  readonly title: Readonly<Record<Language, string>>;
  /** On what a party of the European Union would usually base it; others name theirs in the terms. */
  readonly basis: string;
}

export const publicInformation = 'public-information';

export const purposes: readonly Purpose[] = [
  {
    id: 'threat-prevention',
    title: {
      en: 'Preventing threats to life and limb',
      de: 'Abwehr von Gefahren für Leib und Leben',
      fr: 'Prévention des menaces pour la vie et l’intégrité physique',
    },
    basis: 'Directive (EU) 2016/680, Art. 1(1); Regulation (EU) 2016/679, Art. 6(1)(d)',
  },
  {
    id: 'protective-security',
    title: {
      en: 'Protecting persons and sites',
      de: 'Schutz von Personen und Einrichtungen',
      fr: 'Protection des personnes et des sites',
    },
    basis: 'Regulation (EU) 2016/679, Art. 6(1)(e)',
  },
  {
    id: 'event-security',
    title: { en: 'Securing an event', de: 'Sicherung einer Veranstaltung', fr: 'Sécurité d’un événement' },
    basis: 'Regulation (EU) 2016/679, Art. 6(1)(e)',
  },
  {
    id: 'criminal-investigation',
    title: {
      en: 'Investigating criminal offences',
      de: 'Aufklärung von Straftaten',
      fr: 'Enquêtes pénales',
    },
    basis: 'Directive (EU) 2016/680, Art. 8',
  },
  {
    id: 'criminal-intelligence',
    title: {
      en: 'Police information, not for judicial proceedings',
      de: 'Polizeiliche Erkenntnisse, nicht für Gerichtsverfahren',
      fr: 'Renseignement policier, hors procédure judiciaire',
    },
    basis: 'Directive (EU) 2016/680, Art. 8; Directive (EU) 2023/977, Art. 4 to 7',
  },
  {
    id: 'critical-infrastructure',
    title: {
      en: 'Protecting critical infrastructure',
      de: 'Schutz kritischer Infrastruktur',
      fr: 'Protection des infrastructures critiques',
    },
    basis: 'Directive (EU) 2022/2557, Art. 12',
  },
  {
    id: 'cyber-defence',
    title: { en: 'Defending networks', de: 'Verteidigung von Netzen', fr: 'Défense des réseaux' },
    basis: 'Directive (EU) 2022/2555, Art. 29',
  },
  {
    id: 'humanitarian-protection',
    title: {
      en: 'Protecting civilians and aid workers',
      de: 'Schutz von Zivilpersonen und Helfenden',
      fr: 'Protection des civils et des humanitaires',
    },
    basis: 'Geneva Convention IV, Art. 59 and 63; Regulation (EU) 2016/679, Art. 6(1)(d)',
  },
  {
    id: publicInformation,
    title: {
      en: 'Informing the public',
      de: 'Unterrichtung der Öffentlichkeit',
      fr: 'Information du public',
    },
    basis: 'Regulation (EU) 2016/679, Art. 6(1)(e)',
  },
];

const shipped = new Set(purposes.map((purpose) => purpose.id));

export function isShippedPurpose(id: string): boolean {
  return shipped.has(id);
}
