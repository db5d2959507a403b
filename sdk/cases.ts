/** Saying to which case something belongs: a STIX note beside the objects, which names them and the case. */
import { type Bytes, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { caseSource, caseText, maxCases } from '@parley/core/cases.ts';
import { Refusal } from '@parley/core/errors.ts';
import { uuidFrom } from '@parley/core/statement.ts';

/** A note stays far below the size of a part. */
const objectsInNote = 500;

/** The objects as they are, and behind them what files them. @throws part.malformed */
export async function* withCases(
  objects: AsyncIterable<Bytes> | Iterable<Bytes>,
  cases: readonly string[],
): AsyncGenerator<Bytes> {
  for (const [i, text] of cases.entries())
    if (!caseText.safeParse(text).success || i >= maxCases)
      throw new Refusal('part.malformed', { at: `/cases/${i}`, detail: 'expected the reference of a case' });
  let ids: string[] = [];
  let newest = '';
  for await (const object of objects) {
    yield object;
    const { id, version } = glance(object);
    if (id !== null) ids.push(id);
    if (version > newest) newest = version;
    if (ids.length < objectsInNote) continue;
    yield noteOn(ids, cases, newest);
    ids = [];
  }
  if (ids.length > 0 && cases.length > 0) yield noteOn(ids, cases, newest);
}

/** The same for the same objects: what was broken off and is sent again is known to the centre. */
function noteOn(ids: readonly string[], cases: readonly string[], newest: string): Bytes {
  const at = newest === '' ? new Date().toISOString() : newest;
  const note = {
    type: 'note',
    spec_version: '2.1',
    id: `note--${uuidFrom(utf8(['parley/case/v1', ...cases, ...ids].join('\n')))}`,
    created: at,
    modified: at,
    content: `Case ${cases.join(', ')}`,
    object_refs: [...new Set(ids)],
    external_references: cases.map((ref) => ({ source_name: caseSource, external_id: ref })),
  };
  return utf8(JSON.stringify(note));
}

/** What is wrong with it, whoever takes it in says. */
function glance(object: Bytes): { readonly id: string | null; readonly version: string } {
  try {
    const { id, modified, created } = JSON.parse(fromUtf8(object)) as Record<string, unknown>;
    const version = [modified, created].find((value) => typeof value === 'string');
    return { id: typeof id === 'string' ? id : null, version: (version as string | undefined) ?? '' };
  } catch {
    return { id: null, version: '' };
  }
}
