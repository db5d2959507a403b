/**
 * The structure of CAP 1.2 (3.2, and its schema in 3.4) as a table: what stands in what, in which order, how often,
 * and as what. Reading and writing both walk it. The schema's own text is not ours to ship.
 */
import {
  circle,
  decimal,
  integer,
  type Leaf,
  language,
  list,
  oneOf,
  polygon,
  references,
  time,
  token,
  verbatim,
} from './leaves.ts';
import {
  categories,
  certainties,
  msgTypes,
  responseTypes,
  scopes,
  severities,
  statuses,
  urgencies,
} from './message.ts';

export const capNamespace = 'urn:oasis:names:tc:emergency:cap:1.2';
export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#';

export interface Field {
  readonly name: string;
  readonly min: 0 | 1;
  readonly many: boolean;
  readonly type: Leaf | Grammar;
}

export type Grammar = readonly Field[];

export function isLeaf(type: Leaf | Grammar): type is Leaf {
  return 'read' in type;
}

const one = (name: string, type: Leaf | Grammar): Field => ({ name, min: 1, many: false, type });
const maybe = (name: string, type: Leaf | Grammar): Field => ({ name, min: 0, many: false, type });
const any = (name: string, type: Leaf | Grammar): Field => ({ name, min: 0, many: true, type });
const some = (name: string, type: Leaf | Grammar): Field => ({ name, min: 1, many: true, type });

const namedValue: Grammar = [one('valueName', verbatim), one('value', verbatim)];

const area: Grammar = [
  one('areaDesc', verbatim),
  any('polygon', polygon),
  any('circle', circle),
  any('geocode', namedValue),
  maybe('altitude', decimal),
  maybe('ceiling', decimal),
];

const resource: Grammar = [
  one('resourceDesc', verbatim),
  one('mimeType', verbatim),
  maybe('size', integer),
  maybe('uri', token),
  maybe('derefUri', verbatim),
  maybe('digest', verbatim),
];

const info: Grammar = [
  maybe('language', language),
  some('category', oneOf(categories)),
  one('event', verbatim),
  any('responseType', oneOf(responseTypes)),
  one('urgency', oneOf(urgencies)),
  one('severity', oneOf(severities)),
  one('certainty', oneOf(certainties)),
  maybe('audience', verbatim),
  any('eventCode', namedValue),
  maybe('effective', time),
  maybe('onset', time),
  maybe('expires', time),
  maybe('senderName', verbatim),
  maybe('headline', verbatim),
  maybe('description', verbatim),
  maybe('instruction', verbatim),
  maybe('web', token),
  maybe('contact', verbatim),
  any('parameter', namedValue),
  any('resource', resource),
  any('area', area),
];

/** Signatures (XML Signature, 4.1) may follow, and nothing else. */
export const alertGrammar: Grammar = [
  one('identifier', verbatim),
  one('sender', verbatim),
  one('sent', time),
  one('status', oneOf(statuses)),
  one('msgType', oneOf(msgTypes)),
  maybe('source', verbatim),
  one('scope', oneOf(scopes)),
  maybe('restriction', verbatim),
  maybe('addresses', list),
  any('code', token),
  maybe('note', verbatim),
  maybe('references', references),
  maybe('incidents', list),
  any('info', info),
];
