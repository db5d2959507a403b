/**
 * XML from strangers, as a tree with namespaces and lines. The parser is fast and lenient, so what it lets pass is
 * refused here: a document type (entities, files, addresses), text beside the root, processing instructions that could
 * hide elements, entities and characters that XML does not have, prefixes of no namespace.
 */
import { Refusal } from '@parley/core/errors.ts';
import { XMLParser } from 'fast-xml-parser';
import {
  decoded,
  endOfProlog,
  linesOf,
  malformed,
  refuseMarkup,
  refuseTail,
  resolved,
  type Source,
} from './xml-source.ts';

export interface Element {
  readonly namespace: string;
  readonly name: string;
  readonly prefix: string;
  /** Without those that declare namespaces. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** All text directly in it, references resolved. */
  readonly text: string;
  readonly line: number;
  /** Where it begins and ends in the text of the document. */
  readonly start: number;
  readonly end: number;
  /** The namespaces in scope, by prefix. */
  readonly scope: ReadonlyMap<string, string>;
}

export interface Document {
  readonly text: string;
  readonly root: Element;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  captureMetaData: true,
  maxNestedTags: 60,
});
const metadata = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** @throws xml.too-large, xml.doctype, xml.malformed */
export function parseXml(bytes: Uint8Array, limit: number): Document {
  if (bytes.length > limit) throw new Refusal('xml.too-large', { params: { limit } });
  const text = decoded(bytes);
  const start = endOfProlog(text);
  const body = text.slice(start);
  refuseMarkup(body, text);
  const source: Source = { offset: start, lineAt: linesOf(text) };
  const nodes = parsed(body, source.lineAt(start));
  const [root, ...more] = nodes.map((node) => element(node, source, new Map()));
  if (!root || more.length > 0) throw malformed('one root element', source.lineAt(root?.end ?? 0));
  refuseTail(text.slice(root.end), source.lineAt(root.end));
  return { text, root };
}

type Node = Record<string | symbol, unknown>;

function parsed(body: string, firstLine: number): Node[] {
  try {
    return parser.parse(body, true) as Node[];
  } catch (cause) {
    // The parser's words may quote the text: only the line is passed on.
    const line = Number(/:(\d+):\d+$/.exec(String((cause as Error).message))?.[1] ?? 1);
    throw new Refusal('xml.malformed', { at: `line ${firstLine + line - 1}` });
  }
}

const ncName = /^[\p{L}_][\p{L}\p{N}\p{M}_.·-]*$/u;

function element(node: Node, source: Source, outer: ReadonlyMap<string, string>): Element {
  const names = Object.keys(node).filter((key) => key !== ':@');
  const name = names[0] ?? '';
  const { startIndex = 0, endIndex = 0 } = (node[metadata] ?? {}) as {
    startIndex?: number;
    endIndex?: number;
  };
  const start = source.offset + startIndex;
  const line = source.lineAt(start);
  if (names.length !== 1) throw malformed('a name', line);
  const all = Object.entries((node[':@'] ?? {}) as Record<string, string>);
  const scope = scopeOf(all, outer, line);
  const [prefix, local] = split(name, line);
  const namespace = prefix === '' ? (scope.get('') ?? '') : scope.get(prefix);
  if (namespace === undefined) throw malformed('a prefix that is declared', line);
  const inner = node[name] as Node[];
  return {
    namespace,
    name: local,
    prefix,
    attributes: new Map(
      all.filter(([key]) => !isDeclaration(key)).map(([key, raw]) => [key, resolved(raw, line)]),
    ),
    children: inner.filter((child) => !isText(child)).map((child) => element(child, source, scope)),
    text: inner
      .filter(isText)
      .map((child) => textOf(child, line))
      .join(''),
    line,
    start,
    end: source.offset + endIndex,
    scope,
  };
}

const isDeclaration = (key: string) => key === 'xmlns' || key.startsWith('xmlns:');

function scopeOf(
  attributes: readonly (readonly [string, string])[],
  outer: ReadonlyMap<string, string>,
  line: number,
): ReadonlyMap<string, string> {
  const own = attributes.filter(([key]) => isDeclaration(key));
  if (own.length === 0) return outer;
  return new Map([...outer, ...own.map(([key, raw]) => [key.slice(6), resolved(raw, line)] as const)]);
}

function split(name: string, line: number): [prefix: string, local: string] {
  const parts = name.split(':');
  if (parts.length > 2 || !parts.every((part) => ncName.test(part))) throw malformed('a name', line);
  return parts.length === 2 ? [parts[0] as string, parts[1] as string] : ['', name];
}

const isText = (node: Node) => '#text' in node || '#cdata' in node;

function textOf(node: Node, line: number): string {
  // As an attacker may have it: what stands in CDATA is text as it is, and no reference.
  if ('#cdata' in node)
    return (node['#cdata'] as { '#text': string }[]).map((child) => child['#text']).join('');
  const raw = node['#text'] as string;
  if (raw.includes(']]>')) throw malformed('no "]]>" in a text', line);
  return resolved(raw, line);
}

/**
 * The element as a document of its own, with those namespaces from around it that it uses. Others are left out: an
 * inclusive canonical form would hold them, and a signature made before it was put there does not.
 */
export function standalone({ text }: Document, inner: Element): string {
  const slice = text.slice(inner.start, inner.end);
  const head = /^<[^\s/>]+/.exec(slice)?.[0] ?? '';
  const opening = slice.slice(head.length, endOfTag(slice));
  const added = [...inner.scope].filter(
    ([prefix]) =>
      isUsed(prefix, slice, inner) && !new RegExp(`\\s${declarationOf(prefix)}\\s*=`).test(opening),
  );
  const declared = added.map(([prefix, uri]) => ` ${declarationOf(prefix)}="${escaped(uri)}"`);
  return `${head}${declared.join('')}${slice.slice(head.length)}`;
}

const declarationOf = (prefix: string) => (prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
const escaped = (uri: string) => uri.replace(/[&<"]/g, (c) => `&#${c.charCodeAt(0)};`);

function isUsed(prefix: string, slice: string, inner: Element): boolean {
  return prefix === '' ? inner.prefix === '' : slice.includes(`<${prefix}:`) || slice.includes(` ${prefix}:`);
}

function endOfTag(slice: string): number {
  return /^<(?:"[^"]*"|'[^']*'|[^"'>])*>/.exec(slice)?.[0].length ?? slice.length;
}
