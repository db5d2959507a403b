/** Rooms as JSON. Terms stand in it as they were said, byte for byte, so that their hash can be checked. */
import { base64, fromUtf8 } from '@parley/core/bytes.ts';
import { hash, textOf } from '@parley/core/fields.ts';
import { roomRoles } from '@parley/core/kinds.ts';
import { termsSchema } from '@parley/core/terms.ts';
import { z } from 'zod';
import type { Locked } from '../../release/locked.ts';
import type { Released } from '../../release/released.ts';
import type { Stander } from '../../release/roster.ts';
import type { RoomView, TermsView } from '../../release/views.ts';
import { partyId, purposeId, statementRef, time, uuid } from '../shapes.ts';

const termsShape = z.strictObject({ hash, salt: z.string(), part: termsSchema }).nullable();

const stander = z.strictObject({
  party: partyId,
  name: z.string(),
  since: time,
  suspended: z.boolean(),
  terms: z.string(),
});

export const roomShape = z.strictObject({
  room: uuid,
  owner: partyId.nullable(),
  relation: z.enum([
    'owner',
    'member',
    'observer',
    'supervisor',
    'invited',
    'suspended',
    'left',
    'granted',
    'public',
  ]),
  as: z.enum(roomRoles).nullable(),
  terms: termsSchema.nullable(),
  members: z.array(stander).nullable(),
  observers: z.array(stander).nullable(),
  supervisor: z.strictObject({ party: partyId, name: z.string(), accepted: z.boolean() }).nullable(),
  since: time.nullable(),
  invitation: statementRef.nullable(),
  offered: termsShape,
  accepted: termsShape,
});
export const roomsShape = z.strictObject({ rooms: z.array(roomShape) });

export const lockedShape = z.strictObject({
  locked: z.array(
    z.strictObject({
      party: partyId,
      type: z.string(),
      count: z.int(),
      needs: z.strictObject({ purposes: z.array(purposeId), justification: z.boolean() }),
    }),
  ),
});

/** JSON text. */
export function presentRooms({ value }: Released<{ rooms: readonly RoomView[] }>): string {
  return `{"rooms":[${value.rooms.map(roomText).join(',')}]}`;
}

/** JSON text. */
export function presentRoom({ value }: Released<RoomView>): string {
  return roomText(value);
}

function roomText({ offered, accepted, since, members, observers, ...view }: RoomView): string {
  const rest = JSON.stringify({
    ...view,
    members: members?.map(standerText) ?? null,
    observers: observers?.map(standerText) ?? null,
    since: since === null ? null : textOf(since),
  });
  return `${rest.slice(0, -1)},"offered":${termsText(offered)},"accepted":${termsText(accepted)}}`;
}

function standerText(stander: Stander) {
  return { ...stander, since: textOf(stander.since) };
}

function termsText(terms: TermsView | null): string {
  if (!terms) return 'null';
  const { hash, part } = terms;
  return `{"hash":${JSON.stringify(hash)},"salt":"${base64(part.salt)}","part":${fromUtf8(part.bytes)}}`;
}

export function presentLocked({
  value,
}: Released<{ locked: readonly Locked[] }>): z.infer<typeof lockedShape> {
  return {
    locked: value.locked.map(({ party, type, count, needs }) => ({
      party,
      type,
      count,
      needs: { purposes: [...needs.purposes], justification: needs.justification },
    })),
  };
}
