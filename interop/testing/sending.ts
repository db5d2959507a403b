/** What tests send to open doors without the SDK: statements as lines, and sessions signed by hand. */
import type { Json } from '@parley/core/json.ts';
import type { Part } from '@parley/core/parts.ts';
import { sessionType } from '@parley/core/session.ts';
import { envelopeJson, type Statement, signPayload } from '@parley/core/statement.ts';
import type { Actor } from '../../server/testing/actor.ts';
import { bodyOf } from './hostile.ts';

export const linesType = 'application/x-ndjson';

export interface Sent {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Headers;
  readonly text: string;
}

export async function sent(url: string, init: RequestInit = {}): Promise<Sent> {
  const response = await fetch(url, init);
  const text = await response.text();
  const problem = response.headers.get('content-type')?.startsWith('application/problem+json');
  const code = problem && text !== '' ? (JSON.parse(text) as { code?: string }).code : undefined;
  return { status: response.status, code, headers: response.headers, text };
}

export function say(
  url: string,
  { envelope }: Statement,
  parts: readonly Part[] = [],
  headers: Record<string, string> = {},
): Promise<Sent> {
  return sent(`${url}/api/v1/statements`, {
    method: 'POST',
    body: bodyOf(envelope, parts) as BodyInit,
    headers: { 'content-type': linesType, ...headers },
  });
}

/** A session request of this device over a challenge that was just given out. */
export async function sessionRequest(url: string, by: Actor, about: object = {}): Promise<string> {
  const asked = await sent(`${url}/api/v1/sessions/challenge`, { method: 'POST' });
  const { challenge } = JSON.parse(asked.text) as { challenge: string };
  const payload = {
    centre: by.world.centre.name,
    party: by.party,
    device: by.signer.device,
    purpose: 'event-security',
    justification: null,
    challenge,
    ...about,
  };
  return JSON.stringify(await signPayload(sessionType, payload as Json, by.signer));
}

export function openSession(url: string, body: string, headers: Record<string, string> = {}): Promise<Sent> {
  return sent(`${url}/api/v1/sessions`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** @returns what `Authorization` takes */
export async function signIn(
  url: string,
  by: Actor,
  about: object = {},
  headers: Record<string, string> = {},
): Promise<{ authorization: string }> {
  const { text } = await openSession(url, await sessionRequest(url, by, about), headers);
  return { authorization: `Bearer ${(JSON.parse(text) as { token: string }).token}` };
}

/** The first line as an envelope, to be changed. */
export function envelopeOf({ envelope }: Statement) {
  return envelopeJson(envelope);
}
