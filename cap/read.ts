/**
 * Bytes to a message. What the schema forbids and what only the standard forbids are found in one pass, each with its
 * line; a message is read if the schema is kept, whatever else is wrong with it.
 */
import { Refusal } from '@parley/core/errors.ts';
import { error, type Finding, type Places } from './findings.ts';
import {
  alertGrammar,
  capNamespace,
  type Field,
  type Grammar,
  isLeaf,
  signatureNamespace,
} from './grammar.ts';
import type { Leaf } from './leaves.ts';
import { type Alert, alert as alertShape } from './message.ts';
import { isBlank } from './texts.ts';
import { type Element, parseXml } from './xml.ts';

/** Of one message. Signed ones of public services have some 25 KB. */
export const maxMessageBytes = 1024 * 1024;

export interface Examined {
  /** Absent where the schema is not kept. */
  readonly alert: Alert | undefined;
  readonly findings: readonly Finding[];
  readonly places: Places;
}

/** @throws xml.too-large, xml.doctype, xml.malformed, cap.version */
export function examine(bytes: Uint8Array, limit = maxMessageBytes): Examined {
  const { root } = parseXml(bytes, limit);
  refuseOther(root);
  const walk: Walk = { findings: [], places: new Map() };
  const value = readElement(root, alertGrammar, '/alert', walk);
  const broken = walk.findings.some(({ rule }) => rule === 'structure');
  return {
    alert: broken ? undefined : alertShape.parse(value),
    findings: walk.findings,
    places: walk.places,
  };
}

/** The message alone. @throws cap.malformed and what `examine` throws */
export function readCap(bytes: Uint8Array, limit = maxMessageBytes): Alert {
  const { alert, findings } = examine(bytes, limit);
  if (alert) return alert;
  const first = findings.find(({ rule }) => rule === 'structure');
  const at = first && `${first.at.path}, line ${first.at.line}`;
  throw new Refusal('cap.malformed', {
    ...(at ? { at } : {}),
    detail: `${first?.message}: ${first?.wanted}`,
  });
}

const olderVersions: Readonly<Record<string, string>> = {
  'urn:oasis:names:tc:emergency:cap:1.1': '1.1',
  'http://www.incident.com/cap/1.0': '1.0',
};

function refuseOther({ namespace, name, line }: Element): void {
  if (namespace === capNamespace && name === 'alert') return;
  const older = olderVersions[namespace];
  throw new Refusal('cap.version', {
    at: `line ${line}`,
    detail: older ? `it is CAP ${older}` : `expected alert in the namespace ${capNamespace}`,
  });
}

interface Walk {
  readonly findings: Finding[];
  readonly places: Map<string, number>;
}

function fault(walk: Walk, path: string, line: number, message: string, wanted: string): void {
  walk.findings.push({ ...error('structure', path, message, wanted), at: { path, line } });
}

function readElement(parent: Element, grammar: Grammar, path: string, walk: Walk): Record<string, unknown> {
  walk.places.set(path, parent.line);
  refuseAttributes(parent, path, walk);
  if (!isBlank(parent.text)) fault(walk, path, parent.line, 'A text between elements', 'elements only');
  const found = inOrder(parent, grammar, path, walk);
  const value: Record<string, unknown> = {};
  for (const field of grammar) {
    const children = found.get(field.name) ?? [];
    if (children.length < field.min) fault(walk, path, parent.line, `No ${field.name}`, `<${field.name}>`);
    const values: unknown[] = [];
    for (const child of children) {
      const item = readField(child, field, path, values.length + 1, walk);
      if (item !== undefined) values.push(item);
    }
    if (field.many) value[field.name] = values;
    else if (values.length > 0) value[field.name] = values[0];
  }
  return value;
}

/** The children by name; what is unknown, out of order or there too often is a fault, and is left out. */
function inOrder(parent: Element, grammar: Grammar, path: string, walk: Walk): Map<string, Element[]> {
  const found = new Map<string, Element[]>();
  let reached = 0;
  for (const child of parent.children) {
    const at = `${path}/${child.name}`;
    const index =
      child.namespace === capNamespace ? grammar.findIndex(({ name }) => name === child.name) : -1;
    const field = grammar[index];
    if (child.namespace === signatureNamespace && grammar === alertGrammar) {
      reached = grammar.length;
    } else if (!field) {
      fault(walk, at, child.line, 'An element that does not stand here', 'an element of CAP 1.2');
    } else if (index < reached) {
      fault(walk, at, child.line, 'An element out of its order', grammar.map(({ name }) => name).join(', '));
    } else if (!field.many && found.has(child.name)) {
      fault(walk, at, child.line, 'The element is there twice', `one ${child.name}`);
    } else {
      reached = index;
      const same = found.get(child.name);
      if (same) same.push(child);
      else found.set(child.name, [child]);
    }
  }
  return found;
}

function readField(child: Element, field: Field, parent: string, number: number, walk: Walk): unknown {
  const path = `${parent}/${field.name}${field.many ? `[${number}]` : ''}`;
  if (!isLeaf(field.type)) return readElement(child, field.type, path, walk);
  walk.places.set(path, child.line);
  refuseAttributes(child, path, walk);
  if (child.children.length > 0) fault(walk, path, child.line, 'Elements in a text', 'text only');
  return readText(child, field, field.type, path, walk);
}

function readText(child: Element, field: Field, type: Leaf, path: string, walk: Walk): unknown {
  const { value, wanted, rule } = type.read(child.text);
  const silent = field.min === 0 && isBlank(child.text);
  if (rule === undefined && wanted !== undefined)
    fault(walk, path, child.line, 'Not what stands here', wanted);
  // `<references/>` says nothing; `<polygon/>` says that there is a polygon, and gives none.
  else if (rule !== undefined && !(silent && !field.many))
    walk.findings.push({
      ...error(rule, path, 'It cannot be read', wanted ?? ''),
      at: { path, line: child.line },
    });
  if (Array.isArray(value)) return value;
  return silent ? undefined : value;
}

/** The schema allows none. Those of XML Schema itself, such as where a schema lies, are let through and never followed. */
function refuseAttributes({ attributes, scope, line }: Element, path: string, walk: Walk): void {
  for (const name of attributes.keys()) {
    const [prefix = '', local = ''] = name.split(':');
    const instance = scope.get(prefix) === 'http://www.w3.org/2001/XMLSchema-instance';
    if (!instance || local === 'nil' || local === 'type')
      fault(walk, path, line, 'An attribute', 'no attributes');
  }
}
