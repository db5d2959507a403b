/**
 * A CAP 1.2 alert in the words of the standard. Lists are always there, and empty where nothing is said. A text is
 * absent or says something; only what the schema requires may be empty in an alert that came from elsewhere.
 */
import { z } from 'zod';
import { fitsList, isBlank, isXmlText } from './texts.ts';
import { isCapTime } from './times.ts';

export const statuses = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
export const msgTypes = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
export const scopes = ['Public', 'Restricted', 'Private'] as const;
export const categories = [
  'Geo',
  'Met',
  'Safety',
  'Security',
  'Rescue',
  'Fire',
  'Health',
  'Env',
  'Transport',
  'Infra',
  'CBRNE',
  'Other',
] as const;
export const responseTypes = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;
export const urgencies = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
export const severities = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
export const certainties = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;

const text = z.string().refine(isXmlText, 'a character that XML 1.0 cannot hold');
const said = text.refine((value) => !isBlank(value), 'expected a text, or nothing at all');
/** One line, without white space at its ends or twice: it means nothing there, and readers drop it. */
const token = said.refine((value) => value === collapsed(value), 'white space that has no meaning');
const time = z.string().refine(isCapTime, 'expected a time such as 2026-05-01T14:00:00+02:00');
const listed = text.refine(fitsList, 'expected a name without quotes');
const named = z.strictObject({ valueName: text, value: text });
const position = z.tuple([z.number(), z.number()]).readonly();

export function collapsed(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

export const area = z.strictObject({
  areaDesc: text,
  polygon: z.array(z.array(position).min(1).readonly()).default([]),
  circle: z.array(z.strictObject({ center: position, radius: z.number() })).default([]),
  geocode: z.array(named).default([]),
  /** Feet above mean sea level (CAP 1.2, 3.2.4). */
  altitude: z.number().optional(),
  ceiling: z.number().optional(),
});

export const resource = z.strictObject({
  resourceDesc: text,
  mimeType: text,
  size: z.int().optional(),
  uri: token.optional(),
  derefUri: said.optional(),
  digest: said.optional(),
});

export const info = z.strictObject({
  language: token.optional(),
  category: z.array(z.enum(categories)).min(1),
  event: text,
  responseType: z.array(z.enum(responseTypes)).default([]),
  urgency: z.enum(urgencies),
  severity: z.enum(severities),
  certainty: z.enum(certainties),
  audience: said.optional(),
  eventCode: z.array(named).default([]),
  effective: time.optional(),
  onset: time.optional(),
  expires: time.optional(),
  senderName: said.optional(),
  headline: said.optional(),
  description: said.optional(),
  instruction: said.optional(),
  web: token.optional(),
  contact: said.optional(),
  parameter: z.array(named).default([]),
  resource: z.array(resource).default([]),
  area: z.array(area).default([]),
});

/** `sent` is the text that stands in the alert referred to, whatever its spelling. */
const reference = z.strictObject({
  sender: text.regex(/^[^\s,]+$/),
  identifier: text.regex(/^[^\s,]+$/),
  sent: time,
});

export const alert = z.strictObject({
  identifier: text,
  sender: text,
  sent: time,
  status: z.enum(statuses),
  msgType: z.enum(msgTypes),
  source: said.optional(),
  scope: z.enum(scopes),
  restriction: said.optional(),
  addresses: z.array(listed).default([]),
  code: z.array(token).default([]),
  note: said.optional(),
  references: z.array(reference).default([]),
  incidents: z.array(listed).default([]),
  info: z.array(info).default([]),
});

export type Alert = z.output<typeof alert>;
/** As it may be written down: lists that are empty may be left out. */
export type AlertInput = z.input<typeof alert>;
export type Info = Alert['info'][number];
export type Area = Info['area'][number];
export type Reference = Alert['references'][number];
export type NamedValue = Info['parameter'][number];

/** CAP 1.2, 3.2.2: the language of an info block that names none. */
export const defaultLanguage = 'en-US';

export function referenceTo({ sender, identifier, sent }: Alert): Reference {
  return { sender, identifier, sent };
}
