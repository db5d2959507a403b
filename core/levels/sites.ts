/** Kinds of sites and sectors at which a party says what is done there. */
import type { Language } from '../purposes.ts';

export interface SiteKind {
  readonly id: string;
  readonly title: Readonly<Record<Language, string>>;
}

export const siteKinds = [
  {
    id: 'schools',
    title: {
      en: 'Schools and nurseries',
      de: 'Schulen und Kindertagesstätten',
      fr: 'Établissements scolaires et crèches',
    },
  },
  { id: 'universities', title: { en: 'Universities', de: 'Hochschulen', fr: 'Universités' } },
  { id: 'places-of-worship', title: { en: 'Places of worship', de: 'Gotteshäuser', fr: 'Lieux de culte' } },
  { id: 'transport', title: { en: 'Transport', de: 'Verkehr', fr: 'Transports' } },
  { id: 'airports', title: { en: 'Airports', de: 'Flughäfen', fr: 'Aéroports' } },
  { id: 'ports', title: { en: 'Ports', de: 'Häfen', fr: 'Ports' } },
  { id: 'borders', title: { en: 'Borders', de: 'Grenzen', fr: 'Frontières' } },
  {
    id: 'events',
    title: { en: 'Events and gatherings', de: 'Veranstaltungen', fr: 'Événements et rassemblements' },
  },
  { id: 'stadiums', title: { en: 'Stadiums and halls', de: 'Stadien und Hallen', fr: 'Stades et salles' } },
  {
    id: 'culture',
    title: {
      en: 'Museums, theatres, concerts',
      de: 'Museen, Theater, Konzerte',
      fr: 'Musées, théâtres, concerts',
    },
  },
  {
    id: 'tourism',
    title: {
      en: 'Hotels and sights',
      de: 'Hotels und Sehenswürdigkeiten',
      fr: 'Hôtels et sites touristiques',
    },
  },
  { id: 'commerce', title: { en: 'Shops and markets', de: 'Handel und Märkte', fr: 'Commerces et marchés' } },
  { id: 'government', title: { en: 'Public buildings', de: 'Öffentliche Gebäude', fr: 'Bâtiments publics' } },
  { id: 'police', title: { en: 'Police', de: 'Polizei', fr: 'Police' } },
  { id: 'military', title: { en: 'Military sites', de: 'Militärische Anlagen', fr: 'Sites militaires' } },
  { id: 'courts', title: { en: 'Courts', de: 'Gerichte', fr: 'Tribunaux' } },
  {
    id: 'embassies',
    title: { en: 'Embassies and consulates', de: 'Botschaften und Konsulate', fr: 'Ambassades et consulats' },
  },
  {
    id: 'critical-sites',
    title: { en: 'Critical infrastructure', de: 'Kritische Infrastruktur', fr: 'Infrastructures critiques' },
  },
  { id: 'energy', title: { en: 'Energy', de: 'Energie', fr: 'Énergie' } },
  { id: 'water', title: { en: 'Water', de: 'Wasser', fr: 'Eau' } },
  {
    id: 'networks',
    title: { en: 'Computers and networks', de: 'Informationstechnik', fr: 'Systèmes d’information' },
  },
  { id: 'health', title: { en: 'Hospitals', de: 'Krankenhäuser', fr: 'Établissements de santé' } },
  { id: 'media', title: { en: 'Media', de: 'Medien', fr: 'Médias' } },
  {
    id: 'aid',
    title: { en: 'Aid organisations', de: 'Hilfsorganisationen', fr: 'Organisations humanitaires' },
  },
  { id: 'other', title: { en: 'Other sites', de: 'Andere Orte', fr: 'Autres lieux' } },
] as const satisfies readonly SiteKind[];
export type Site = (typeof siteKinds)[number]['id'];

export const siteIds = siteKinds.map(({ id }) => id) as [Site, ...Site[]];
