/** Pages as a reader gets them over HTTP, without what a client does with them. */
import { sessionType } from '@parley/core/session.ts';
import { signPayload } from '@parley/core/statement.ts';
import { purpose } from './speech.ts';
import type { Party } from './stage.ts';

export interface Reading {
  readonly url: string;
  readonly token: string;
  readonly room: string;
}

export async function openReading(
  url: string,
  centre: string,
  room: string,
  { party, signer }: Party,
): Promise<Reading> {
  const { challenge } = (await post(`${url}api/v1/sessions/challenge`, null)) as { challenge: string };
  const words = {
    centre,
    party,
    device: signer.device,
    person: null,
    purpose,
    justification: null,
    challenge,
  };
  const { token } = (await post(`${url}api/v1/sessions`, await signPayload(sessionType, words, signer))) as {
    token: string;
  };
  return { url, token, room };
}

async function post(url: string, body: object | null): Promise<unknown> {
  const json =
    body === null ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, { method: 'POST', ...json });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

export type Order = 'newest' | 'oldest';

export interface Page {
  /** Milliseconds until its last byte. */
  readonly took: number;
  readonly parts: number;
  readonly next: string | null;
}

export const pageSize = 1_000;

export async function readPage(
  { url, token, room }: Reading,
  order: Order,
  after: string | null,
): Promise<Page> {
  const query = new URLSearchParams({ order, limit: String(pageSize), ...(after === null ? {} : { after }) });
  const begun = performance.now();
  const response = await fetch(`${url}api/v1/rooms/${room}/parts?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = Buffer.from(await response.arrayBuffer());
  const took = performance.now() - begun;
  if (!response.ok) throw new Error(`${response.status} ${body.toString()}`);
  const last = body.subarray(body.lastIndexOf(0x0a, body.length - 2) + 1).toString();
  const { next } = JSON.parse(last) as { next: string | null };
  return { took, parts: body.toString('latin1').split('\n{"n":').length - 1, next };
}

/** Cursors before the first, a middle and the last full page. */
export async function placesIn(
  reading: Reading,
  order: Order,
): Promise<{ readonly [place: string]: string | null }> {
  const cursors: (string | null)[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await readPage(reading, order, after);
    if (page.parts === pageSize) cursors.push(after);
    if (page.next === null) break;
    after = page.next;
  }
  if (cursors.length === 0) throw new Error('there is no full page');
  const at = (share: number) => cursors[Math.round(share * (cursors.length - 1))] as string | null;
  return { beginning: at(0), middle: at(0.5), end: at(1) };
}
