/** HTTP/1.1 by hand: a client library would cost as much as the centre that is measured. */
import { connect, type Socket } from 'node:net';

export function requestOf(url: string, body: Uint8Array, more: readonly string[] = []): Buffer {
  const { host } = new URL(url);
  const head = [
    'POST /api/v1/statements HTTP/1.1',
    `host: ${host}`,
    'content-type: application/x-ndjson',
    `content-length: ${body.length}`,
    ...more,
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** Milliseconds in which an answer comes, or none will. */
const patience = 60_000;

/** One connection, one request at a time. Takes answers that say their length, which is all that a receipt needs. */
export class Line {
  readonly #socket: Socket;
  #held: Buffer[] = [];
  #size = 0;
  /** Of the answer that comes, once its head is there. */
  #whole = 0;
  #head = 0;
  #waiting: {
    resolve: (answer: { status: number; body: string }) => void;
    reject: (cause: Error) => void;
  } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece) => this.#take(piece as Buffer));
    socket.setTimeout(patience, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', (cause) => this.#waiting?.reject(cause));
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')));
  }

  static open(url: string): Promise<Line> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new Line(socket)));
      socket.once('error', reject);
    });
  }

  ask(request: Buffer): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection was closed'));
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#held.push(piece);
    this.#size += piece.length;
    if (this.#whole === 0) this.#readHead();
    if (this.#whole === 0 || this.#size < this.#whole) return;
    const all = this.#held.length === 1 ? piece : Buffer.concat(this.#held);
    const answer = {
      status: Number(all.toString('latin1', 9, 12)),
      body: all.toString('utf8', this.#head, this.#whole),
    };
    [this.#held, this.#size, this.#whole] = [[], 0, 0];
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  #readHead(): void {
    const all = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(all.toString('latin1', 0, end + 2))?.[1];
    if (length === undefined) throw new Error('an answer without its length');
    this.#head = end + 4;
    this.#whole = this.#head + Number(length);
  }
}
