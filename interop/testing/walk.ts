/** Asks a running centre everything that can be asked: each GET route of its table, with everything known to put in. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Entry } from '../../server/api/routes-table.ts';

export interface Known {
  readonly rooms: readonly string[];
  readonly refs: readonly StatementRef[];
  /** References of cases to search for. */
  readonly cases?: readonly string[];
  /** Whose refusals are asked for. */
  readonly devices?: readonly string[];
  /** Kept from earlier answers. */
  readonly cursors: readonly string[];
}

/** An answer, under a name that is the same in every world. */
export interface Answer {
  readonly ask: string;
  readonly status: number;
  readonly type: string;
  readonly headers: string;
  readonly body: string;
}

export interface Walk {
  readonly answers: readonly Answer[];
  /** In the order in which they came. */
  readonly cursors: readonly string[];
}

interface Door {
  readonly url: string;
  readonly table: readonly Entry[];
  /** Null: the public. */
  readonly token: string | null;
}

/** The log itself is public, and `spec/log.md` declares what of it differs; figures are for who runs the machine. */
const walked = ({ method, path, viewer }: Entry) =>
  method === 'GET' && viewer !== 'operator' && !path.startsWith('/log/');

const pagesAtMost = 12;

export async function walk(door: Door, known: Known): Promise<Walk> {
  const answers: Answer[] = [];
  for (const { path: route } of door.table.filter(walked))
    for (const path of pathsOf(route, known)) {
      const plain = await pages(door, path, '', '');
      answers.push(...plain);
      if (route.includes('/:party/:id') || !(await readsQueries(door, path, plain[0]))) continue;
      answers.push(...(await asked(door, path, queries(path, known))));
    }
  return { answers, cursors: answers.flatMap((answer) => nextOf(answer) ?? []) };
}

/** What a route does not take it refuses by the name of the parameter: once is enough. */
async function asked(door: Door, path: string, list: ReturnType<typeof queries>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const unknown = new Set<string>();
  for (const [name, query] of list) {
    if (namesOf(query).some((one) => unknown.has(one))) continue;
    const found = await pages(door, path, name, query);
    answers.push(...found);
    for (const one of namesOf(query)) if (found[0] && isUnknown(one, found[0])) unknown.add(one);
  }
  return answers;
}

const namesOf = (query: string): string[] => [...new URLSearchParams(query).keys()];

function isUnknown(name: string, { status, body }: Answer): boolean {
  return status === 400 && /Unrecognized key/.test(body) && body.includes(`\\"${name}\\"`);
}

/** A query that means nothing is refused by whatever reads queries at all. */
async function readsQueries(door: Door, path: string, plain: Answer | undefined): Promise<boolean> {
  return (await answered(door, path, joined(path, '?nothing=1'))).status !== plain?.status;
}

async function pages(door: Door, path: string, name: string, query: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let next: string | null = ''; next !== null && answers.length < pagesAtMost; ) {
    const ask = `${path}${name}${answers.length > 0 ? ` page ${answers.length + 1}` : ''}`;
    const answer = await answered(door, ask, joined(path, next === '' ? query : withAfter(query, next)));
    answers.push(answer);
    next = nextOf(answer);
  }
  return answers;
}

/** A parameter that this does not know fails here: a new route brings its values with it. */
function pathsOf(path: string, { rooms, refs, cases = ['case 7'], devices = [] }: Known): string[] {
  if (path.endsWith('/cases')) return cases.map((ref) => `${path}?ref=${encodeURIComponent(ref)}`);
  if (path.includes('/:party/:id'))
    return refs.map(({ party, id }) => path.replace(':party', party).replace(':id', id).replace(':n', '1'));
  if (path.includes(':device')) return devices.map((device) => path.replace(':device', device));
  const paths = path.includes(':room') ? rooms.map((room) => path.replace(':room', room)) : [path];
  for (const one of paths) if (/[:*]/.test(one)) throw new Error(`nothing to put into ${path}`);
  return paths;
}

function queries(
  path: string,
  { rooms, cases = ['case 7'], cursors }: Known,
): (readonly [name: string, query: string])[] {
  const within = rooms.some((room) => path.includes(room)) ? [] : rooms.map((room) => `?room=${room}`);
  const filed = path.endsWith('/parts') ? cases.map((ref) => `?case=${encodeURIComponent(ref)}&limit=1`) : [];
  const plain = ['?limit=1', '?limit=1&order=newest', ...within, ...filed];
  return [
    ...plain.map((query) => [query, query] as const),
    // They differ from world to world where a process seals them: so they go by their number.
    ...cursors.map((cursor, i) => [`?after=#${i}`, `?after=${cursor}`] as const),
  ];
}

/** A path may bring a part of its query along. */
function joined(path: string, query: string): string {
  return path.includes('?') ? `${path}${query.replace('?', '&')}` : `${path}${query}`;
}

function withAfter(query: string, cursor: string): string {
  const asked = new URLSearchParams(query);
  asked.set('after', cursor);
  return `?${asked}`;
}

/** Connections are used again: what is asked here is asked by the thousand. */
const agent = new Agent({ keepAlive: true });

async function answered({ url, token }: Door, ask: string, address: string): Promise<Answer> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const sent = request(`${url}${address}`, { agent, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const type = response.headers['content-type'] ?? '';
  const about = { ask, status: response.statusCode ?? 0, type, headers: headersOf(response) };
  // Of a stream the first thing: it comes at once, and how much more has come by when is a matter of time.
  const enough = type.startsWith('text/event-stream') ? '\n\n' : null;
  let body = '';
  response.setEncoding('utf8');
  for await (const piece of response) {
    body += piece;
    if (enough !== null && body.includes(enough))
      return { ...about, body: body.slice(0, body.indexOf(enough)) };
  }
  return { ...about, body };
}

/** What came until it ended, or was stopped. */
export async function textOf(
  response: Response,
  heard: (text: string) => unknown = () => {},
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      heard(text);
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  }
  return text;
}

function headersOf({ headers }: IncomingMessage): string {
  const varying = new Set(['date', 'content-length', 'keep-alive', 'connection']);
  const kept = Object.entries(headers).filter(([name]) => !varying.has(name));
  return JSON.stringify(kept.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function nextOf({ body }: Answer): string | null {
  return /"next":"([^"]+)"\}\n?$/.exec(body)?.[1] ?? null;
}

/** What spec/log.md declares, the nonce, and sealed cursors, which are random: nothing else may differ. */
export function declared(text: string, path = ''): string {
  const bare = text
    .replace(/"proof":"[^"]*"/g, '"proof":"…"')
    .replace(/"nonce":"[^"]*"/g, '"nonce":"…"')
    .replace(/"index":\d+/g, '"index":…');
  return path.includes('/accesses') ? bare.replace(/"next":"[^"]*"/g, '"next":"…"') : bare;
}

/** Answers as texts, which are the same in two worlds that look the same. */
export function compared({ answers }: Pick<Walk, 'answers'>): string[] {
  return answers.map(({ ask, status, type, headers, body }) =>
    [ask, status, type, headers, declared(body, ask)].join('\n'),
  );
}
