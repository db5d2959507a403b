/** JSON read from chunks of bytes, a value at a time. Waits only where a chunk ends. */
import { type Bytes, concat } from './bytes.ts';
import { Refusal } from './errors.ts';
import { backslash, isSpace, objectEnd, quote, valueEnd } from './json-scan.ts';
import { maxPartBytes } from './parts.ts';

const mark = [0xef, 0xbb, 0xbf];

export class JsonInput {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #buffer: Bytes = new Uint8Array(0);
  /** The next byte, and the first one that must stay in the buffer, or -1. */
  #at = 0;
  #held = -1;
  /** Bytes before the buffer. */
  #before = 0;

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** The next character that is not a space, left where it is; empty at the end. */
  async peek(): Promise<string> {
    for (;;) {
      while (this.#at < this.#buffer.length && isSpace(this.#buffer[this.#at] as number)) this.#at++;
      if (this.#at < this.#buffer.length) return String.fromCharCode(this.#buffer[this.#at] as number);
      if (!(await this.#more())) return '';
    }
  }

  async take(char: string): Promise<void> {
    if ((await this.peek()) !== char) throw this.malformed(`expected ${char}`);
    this.#at++;
  }

  /** Takes the end of a list or object, or the comma before what follows. */
  async ends(close: ']' | '}'): Promise<boolean> {
    const ended = (await this.peek()) === close;
    await this.take(ended ? close : ',');
    return ended;
  }

  /** One whole value, byte for byte. @throws json.malformed when the input ends within it, parts.too-large */
  async value(): Promise<Bytes> {
    if (',:]}'.includes(await this.peek())) throw this.malformed('expected a value');
    const end = valueEnd(this.#buffer, this.#at);
    return end < 0 ? this.#broken() : this.#upTo(end);
  }

  /** The object that begins at the next byte; null where that takes a closer look: see `objectEnd`. */
  plainObject(words: readonly string[]): Bytes | null {
    const end = objectEnd(this.#buffer, this.#at, words);
    return end < 0 ? null : this.#upTo(end);
  }

  #upTo(end: number): Bytes {
    const bytes = this.#buffer.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** A value over the end of what was read so far. */
  async #broken(): Promise<Bytes> {
    const outer = this.#held;
    if (outer < 0) this.#held = this.#at;
    const start = this.#at - this.#held;
    const scan = new Scan();
    while (!this.#ends(scan)) {
      if (await this.#more()) continue;
      if (!scan.mayEnd) throw this.malformed('it ends within a value');
      break;
    }
    const bytes = this.#buffer.slice(this.#held + start, this.#at);
    if (outer < 0) this.#held = -1;
    return bytes;
  }

  /** Keeps everything from the next byte on. */
  hold(): void {
    this.#held = this.#at;
  }

  /** What was held, and no longer is; empty when nothing was. */
  release(): Bytes {
    const bytes = this.#held < 0 ? new Uint8Array(0) : this.#buffer.slice(this.#held, this.#at);
    this.#held = -1;
    return bytes;
  }

  get place(): string {
    return `byte ${this.#before + this.#at}`;
  }

  malformed(detail: string): Refusal {
    return new Refusal('json.malformed', { at: this.place, detail });
  }

  #ends(scan: Scan): boolean {
    const buffer = this.#buffer;
    let at = this.#at;
    let ended = false;
    while (!ended && at < buffer.length) {
      const taken = scan.take(buffer[at] as number);
      ended = taken !== 'inside';
      if (taken !== 'after') at++;
    }
    this.#at = at;
    return ended;
  }

  async #more(): Promise<boolean> {
    const from = this.#held < 0 ? this.#at : this.#held;
    // Whoever gives the input could otherwise fill the memory with one value.
    if (this.#buffer.length - from > 2 * maxPartBytes)
      throw new Refusal('parts.too-large', { at: this.place, params: { limit: maxPartBytes } });
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    const first = this.#before + this.#buffer.length === 0;
    const chunk = first && mark.every((byte, i) => value[i] === byte) ? value.subarray(mark.length) : value;
    this.#buffer = concat(this.#buffer.subarray(from), chunk);
    this.#at -= from;
    if (this.#held >= 0) this.#held = 0;
    this.#before += from;
    return true;
  }
}

/** The object or list that these bytes begin with; nothing when they begin with none. */
export function valueAt(bytes: Bytes): Bytes {
  const scan = new Scan();
  const end = bytes.findIndex((byte) => scan.take(byte) === 'last');
  return bytes.slice(0, end + 1);
}

/** Where a value ends, found byte by byte: brackets count, except in strings. */
class Scan {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #began = false;

  /** A number or literal ends where the input does; nothing else may. */
  mayEnd = false;

  /** `last`: the byte ends the value; `after`: the value ended before it. */
  take(byte: number): 'inside' | 'last' | 'after' {
    if (this.#inString) return this.#string(byte);
    if (byte === quote) {
      if (this.mayEnd) return 'after';
      this.#inString = true;
    } else if (byte === 0x7b || byte === 0x5b) this.#depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (this.#depth === 0) return 'after';
      if (--this.#depth === 0) return 'last';
    } else if (this.#depth === 0) {
      if (this.#began && (byte === 0x2c || isSpace(byte))) return 'after';
      this.mayEnd = true;
    }
    this.#began = true;
    return 'inside';
  }

  #string(byte: number): 'inside' | 'last' {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) {
      this.#inString = false;
      if (this.#depth === 0) return 'last';
    }
    return 'inside';
  }
}
