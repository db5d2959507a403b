/** What is not HTTP, too large or too slow to become a request: answered on the bare socket. */
import type { Socket } from 'node:net';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { problemOf, problemType } from './problems.ts';

/** Node's names of what can be wrong, and the status line that says so. */
const known: Readonly<Record<string, { readonly line: string; readonly code: Code }>> = {
  HPE_HEADER_OVERFLOW: { line: '431 Request Header Fields Too Large', code: 'body.too-large' },
  ERR_HTTP_REQUEST_TIMEOUT: { line: '408 Request Timeout', code: 'body.malformed' },
};
const malformed = { line: '400 Bad Request', code: 'body.malformed' } as const;

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { line, code } = known[error.code ?? ''] ?? malformed;
  const body = JSON.stringify({ ...problemOf(new Refusal(code), '').body, status: Number(line.slice(0, 3)) });
  const head = [
    `HTTP/1.1 ${line}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
