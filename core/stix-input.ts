/**
 * STIX as people have it: a bundle, an array, one object, or one after another (JSON lines). Each object comes out
 * byte for byte while the input is still being read, and no more than one is held.
 */

import type { Bytes } from './bytes.ts';
import { fromUtf8 } from './bytes.ts';
import { Refusal } from './errors.ts';
import { JsonInput } from './json-input.ts';

/**
 * Only what parts objects is looked at; whether each is well-formed, who takes it in checks.
 * @throws json.malformed with the byte; parts.too-large for an object over 1 MiB; stix.malformed for a list of
 * objects in what is not a bundle, said at its end, since a bundle may name its type last
 */
export async function* objectsIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Bytes, void> {
  const input = new JsonInput(chunks);
  for (let next = await input.peek(); next !== ''; next = await input.peek()) {
    if (next === '[') yield* list(input);
    else if (next === '{') yield* objectOrBundle(input);
    else throw input.malformed('expected { or [');
  }
}

async function* list(input: JsonInput): AsyncGenerator<Bytes, void> {
  await input.take('[');
  if ((await input.peek()) === ']') return input.take(']');
  for (;;) {
    if ((await input.peek()) !== '{') throw input.malformed('expected an object');
    yield await input.value();
    if (await input.ends(']')) return;
  }
}

/** It is kept whole until it turns out to be a bundle. Most objects are there whole, and plainly none. */
async function* objectOrBundle(input: JsonInput): AsyncGenerator<Bytes, void> {
  await input.peek();
  const plain = input.plainObject(['objects', 'bundle']);
  if (plain) {
    yield plain;
    return;
  }
  input.hold();
  let type: unknown;
  let isBundle = false;
  await input.take('{');
  let more = (await input.peek()) !== '}';
  if (!more) await input.take('}');
  while (more) {
    if ((await input.peek()) !== '"') throw input.malformed('expected a name');
    const name = parse(await input.value());
    await input.take(':');
    const listed = name === 'objects' && (await input.peek()) === '[' && (type ?? 'bundle') === 'bundle';
    if (listed) {
      isBundle = true;
      input.release();
      yield* list(input);
    } else {
      const value = await input.value();
      if (name === 'type') type = parse(value);
    }
    more = !(await input.ends('}'));
  }
  if (isBundle && type !== 'bundle')
    throw new Refusal('stix.malformed', {
      at: input.place,
      detail: 'a list of objects in what is not a bundle',
    });
  const whole = input.release();
  if (!isBundle && type !== 'bundle') yield whole;
}

/** Names of members and types; anything longer is none that matters. */
function parse(bytes: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
