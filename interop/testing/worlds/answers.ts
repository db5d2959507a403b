/** An answer as it is compared: byte for byte, but for what `spec/log.md` declares. */

export interface Answer {
  /** What was asked, under a name that is the same in both worlds. */
  readonly ask: string;
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  /** As it came, for whoever looks into a difference. */
  readonly raw: string;
}

/** The time at which it was sent, and what the connection is about. */
const passing = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

export function answerOf(ask: string, status: number, headers: Record<string, unknown>, raw: string): Answer {
  const body = declared(raw, ask);
  // Its length follows from what is declared to differ, and only from that.
  const left = Object.entries(headers).filter(
    ([name]) =>
      !passing.has(name) && !(name === 'content-length' && (body !== raw || ask.includes('/log/1/'))),
  );
  return { ask, status, headers: JSON.stringify(left), body, raw };
}

export function textOf({ ask, status, headers, body }: Answer): string {
  return [ask, status, headers, body].join('\n');
}

/** Index, proof and nonce; the hourly digests; and what is drawn by lot, of which only the length is compared. */
export function declared(body: string, ask: string): string {
  const bare = body
    .replace(envelope, withoutRoot)
    .replace(/"proof":"[^"]*"/g, '"proof":"…"')
    .replace(/"nonce":"([^"]*)"/g, lengthOf('nonce'))
    .replace(/"token":"([^"]*)"/g, lengthOf('token'))
    .replace(/"challenge":"([^"]*)"/g, lengthOf('challenge'))
    .replace(/"index":\d+/g, '"index":…');
  if (ask.includes('/accesses/digests'))
    return bare.replace(/"salt":"([^"]*)"/g, lengthOf('salt')).replace(/"path":\[[^\]]*\]/g, '"path":…');
  if (ask.includes('/accesses')) return bare.replace(/"next":"([^"]*)"/g, lengthOf('next'));
  // The key of a connector, which the centre makes.
  if (ask.includes('POST /api/v1/connectors'))
    return bare.replace(/"(device|key|consent)":"([^"]*)"/g, (_, name, value) => lengthOf(name)('', value));
  if (ask.includes('/log/1/')) return body.split('\n', 1)[0] ?? '';
  return bare;
}

function lengthOf(name: string) {
  return (_: string, value: string) => `"${name}":${value.length}`;
}

const envelope = /\{"payload":"([A-Za-z0-9+/=]+)","payloadType":"[^"]*","signatures":\[[^\]]*\]\}/g;

/** A digest's root is over what all have read: it is declared to differ, and with it the signature. */
function withoutRoot(whole: string, payload: string): string {
  const header = Buffer.from(payload, 'base64').toString();
  if (!header.includes('"kind":"access.digest/1"')) return whole;
  return `{"payload":${header.replace(/"root":"[^"]*"/, '"root":"…"')}}`;
}
