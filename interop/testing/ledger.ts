/**
 * What a centre has answered, as those wrote down whom it answered: receipts it handed out, statements whose fate
 * nobody was told, reads whose bytes arrived, sessions that were opened and closed. It outlives the centre's process.
 */
import { type Bytes, fromBase64, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { parseReceipt, type Receipt } from '@parley/core/receipt.ts';
import type { Fetch } from '@parley/sdk/transport.ts';

export interface Said {
  readonly ref: StatementRef;
  readonly kind: string;
  readonly body: Bytes;
  /** `unknown`: it was sent, and no answer came. */
  fate: 'answered' | 'unknown' | 'refused';
  receipt: Receipt | null;
}

/** `unknown`: its closing was asked for, and no answer came. */
export type Token = 'open' | 'closed' | 'unknown';

export class Ledger {
  readonly said = new Map<string, Said>();
  /** By the token's party: how often a statement's content has arrived, by its reference. */
  readonly reads = new Map<string, Map<string, number>>();
  readonly tokens = new Map<string, { readonly party: string; state: Token }>();
  /** To statements, whatever they were. */
  answers = 0;

  /** HTTP of a party's devices, written down here. */
  fetchFor(party: string): Fetch {
    return async (url, init) => {
      const { pathname } = new URL(url);
      const what = `${init.method ?? 'GET'} ${pathname}`;
      if (what === 'POST /api/v1/statements') return this.#say(url, init);
      if (what === 'POST /api/v1/sessions') return this.#open(party, url, init);
      if (what === 'DELETE /api/v1/sessions/current') return this.#close(url, init);
      if (/^GET \/api\/v1\/rooms\/[^/]+\/parts$/.test(what)) return this.#read(party, url, init);
      return fetch(url, init);
    };
  }

  async #say(url: string, init: RequestInit): Promise<Response> {
    const body = init.body as Bytes;
    const { ref, kind } = headOf(body);
    const key = keyOf(ref);
    const entry: Said = this.said.get(key) ?? { ref, kind, body, fate: 'unknown', receipt: null };
    this.said.set(key, entry);
    const [response, bytes] = await whole(url, init);
    this.answers++;
    if (response.ok) Object.assign(entry, { fate: 'answered', receipt: parseReceipt(bytes) });
    // What is refused for a fault or for doubt may have been taken all the same.
    else if (response.status < 500 && entry.fate === 'unknown') entry.fate = 'refused';
    return again(response, bytes);
  }

  async #open(party: string, url: string, init: RequestInit): Promise<Response> {
    const [response, bytes] = await whole(url, init);
    if (response.ok) this.tokens.set(JSON.parse(fromUtf8(bytes)).token, { party, state: 'open' });
    return again(response, bytes);
  }

  async #close(url: string, init: RequestInit): Promise<Response> {
    const token = new Headers(init.headers).get('authorization')?.slice('Bearer '.length) ?? '';
    const entry = this.tokens.get(token);
    if (entry) entry.state = 'unknown';
    const [response, bytes] = await whole(url, init);
    if (entry && response.ok) entry.state = 'closed';
    return again(response, bytes);
  }

  async #read(party: string, url: string, init: RequestInit): Promise<Response> {
    const [response, bytes] = await whole(url, init);
    const counts = this.reads.get(party) ?? new Map<string, number>();
    this.reads.set(party, counts);
    if (response.ok)
      for (const ref of contentIn(fromUtf8(bytes))) counts.set(ref, (counts.get(ref) ?? 0) + 1);
    return again(response, bytes);
  }
}

export function keyOf({ party, id }: StatementRef): string {
  return `${party}/${id}`;
}

function headOf(body: Bytes): Pick<Said, 'ref' | 'kind'> {
  const { payload } = JSON.parse(fromUtf8(body.subarray(0, body.indexOf(0x0a))));
  const { party, id, kind } = JSON.parse(fromUtf8(fromBase64(payload) ?? utf8('')));
  return { ref: { party, id }, kind };
}

async function whole(url: string, init: RequestInit): Promise<[Response, Bytes]> {
  const response = await fetch(url, init);
  return [response, new Uint8Array(await response.arrayBuffer())];
}

function again(response: Response, bytes: Bytes): Response {
  const { status, headers } = response;
  return new Response(status === 204 ? null : bytes, { status, headers });
}

/** A file comes without its bytes: fetching those is an access. */
const aFile = /^\{"n":\d+,"added":"[^"]+","file":/;

/** Of the statements that came with parts: lines of an answer (spec/api.md, Read). */
function contentIn(text: string): Set<string> {
  const found = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('{"statement":')) {
      const { payload } = JSON.parse(line).statement;
      const { party, id } = JSON.parse(fromUtf8(fromBase64(payload) ?? utf8('')));
      current = keyOf({ party, id });
    } else if (line.startsWith('{"n":') && !aFile.test(line)) found.add(current);
  }
  return found;
}
