/** The witness on HTTP: `POST /add-checkpoint` for logs, `GET /<sha256 of origin>/checkpoint` for everybody. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Answer, addCheckpoint, latestOf, type Witness } from './witness.ts';

/** A note holds at most 1 MiB; the proof beside it is small. */
const bodyLimit = 2 * 1024 * 1024;
const monitoring = /^\/([0-9a-f]{64})\/checkpoint$/;
const text = 'text/plain; charset=utf-8';

export interface WitnessServer {
  /** Where it listens: `http://127.0.0.1:7380`. */
  readonly url: string;
  /** Rejects when the witness can no longer be sure of what it has stored: the process must stop. */
  readonly failed: Promise<never>;
  /** Answers what is under way, then closes. */
  readonly close: () => Promise<void>;
}

export async function serveWitness(
  witness: Witness,
  listen: { host: string; port: number },
): Promise<WitnessServer> {
  const doubt = Promise.withResolvers<never>();
  doubt.promise.catch(() => {});
  const server = createServer(
    { requestTimeout: 15_000, headersTimeout: 10_000 },
    async (request, response) => {
      try {
        send(response, await route(witness, request));
      } catch (error) {
        send(response, { status: 500, type: text, body: 'fault\n' });
        doubt.reject(error);
      }
    },
  );
  const { address, port, family } = await listening(server, listen);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    failed: doubt.promise,
    close: () => closed(server),
  };
}

async function route(witness: Witness, request: IncomingMessage): Promise<Answer> {
  const path = request.url?.split('?')[0] ?? '';
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return { status: 405, type: text, body: 'POST\n' };
    const body = await bodyOf(request);
    if (body === null) return { status: 413, type: text, body: 'body.too-large\n' };
    return addCheckpoint(witness, body, Date.now());
  }
  const digest = monitoring.exec(path)?.[1];
  const latest = digest && request.method === 'GET' ? latestOf(witness, digest, sha256Hex) : null;
  if (!latest) return { status: 404, type: text, body: 'absent\n' };
  return { status: 200, type: text, body: Buffer.from(latest.note).toString() };
}

/** @returns null when it is too large, or the sender has gone */
async function bodyOf(request: IncomingMessage): Promise<Bytes | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > bodyLimit) return null;
      pieces.push(piece);
    }
  } catch {
    return null;
  }
  return new Uint8Array(Buffer.concat(pieces));
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': length,
    'x-content-type-options': 'nosniff',
  });
  // What was too large is not read to its end.
  response.end(body, () => status === 413 && response.socket?.destroy());
}

function sha256Hex(bytes: Bytes): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Refusal('config.value', {
          at: '--listen',
          detail: `${host}:${port}: ${cause.code ?? cause.message}`,
        }),
      ),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
  });
}
