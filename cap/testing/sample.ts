/** A public warning of a fictional party, as the tests change it. */
import type { AlertInput } from '../message.ts';

export const sent = '2026-05-01T14:00:00+02:00';

export function sample(changes: Partial<AlertInput> = {}): AlertInput {
  return {
    identifier: 'urn:uuid:7f3a9a52-3c2e-4d1b-9d0e-5a1c2b3d4e5f',
    sender: 'warnings@police.example',
    sent,
    status: 'Actual',
    msgType: 'Alert',
    scope: 'Public',
    code: ['urn:parley:cap:1.0:centre.example'],
    info: [inEnglish, inFrench],
    ...changes,
  };
}

type InfoInput = NonNullable<AlertInput['info']>[number];

export const area: NonNullable<InfoInput['area']>[number] = {
  areaDesc: 'Old town of Exempel',
  polygon: [
    [
      [6.1, 49.6],
      [6.2, 49.6],
      [6.2, 49.7],
      [6.1, 49.6],
    ],
  ],
  circle: [{ center: [6.13, 49.61], radius: 2.5 }],
  geocode: [{ valueName: 'ISO3166-2', value: 'LU-LU' }],
};

export const inEnglish: InfoInput = {
  language: 'en',
  category: ['Security'],
  event: 'Threat to a public event',
  responseType: ['Avoid', 'Monitor'],
  urgency: 'Immediate',
  severity: 'Severe',
  certainty: 'Likely',
  effective: sent,
  expires: '2026-05-03T14:00:00+02:00',
  senderName: 'Fictional Police',
  headline: 'Avoid large gatherings for 48 hours',
  description: 'There is information about a threat to large gatherings.',
  instruction: 'Stay away from concerts & markets; <112 > in an emergency.',
  web: 'https://police.example/warnings/1',
  contact: 'warnings@police.example',
  parameter: [{ valueName: 'urn:parley:cap:1.0:centre.example:tlp', value: 'TLP:CLEAR' }],
  area: [area],
};

export const inFrench: InfoInput = {
  ...inEnglish,
  language: 'fr',
  event: 'Menace contre une manifestation publique',
  headline: 'Évitez les rassemblements pendant 48 heures',
  description: 'Des informations font état d’une menace contre de grands rassemblements.',
  instruction: 'Tenez-vous à l’écart des concerts et des marchés.',
};
