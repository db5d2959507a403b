/** Queries of pages and of every share: built once, and given their values. See `prepared`. */
import { prepared } from '../../log/prepared.ts';
import type { Db } from '../folding.ts';
import type { ObjectsTables } from './tables.ts';

type Objects = Db<ObjectsTables>;
export const streamsInRooms = prepared((db: Objects, at: { rooms: readonly number[] }) =>
  db.selectFrom('stream').selectAll().where('room', 'in', at.rooms),
);
export const streamsFor = prepared((db: Objects, at: { audiences: readonly string[] }) =>
  db.selectFrom('stream').selectAll().where('audience', 'in', at.audiences),
);
export const streamsMade = prepared((db: Objects, at: { room: number; maker: number }) =>
  db
    .selectFrom('stream')
    .select((query) => query.fn.countAll<number>().as('n'))
    .where('room', '=', at.room)
    .where('maker', '=', at.maker),
);
export const headingsFor = prepared((db: Objects, at: { indexes: readonly number[] }) =>
  db.selectFrom('heading').selectAll().where('idx', 'in', at.indexes),
);
export const sharesAt = prepared((db: Objects, at: { indexes: readonly number[] }) =>
  db.selectFrom('share').selectAll().where('idx', 'in', at.indexes),
);
export const takenAmong = prepared((db: Objects, at: { parts: readonly number[] }) =>
  db.selectFrom('taken').select('part').where('part', 'in', at.parts),
);
export const noticedAmong = prepared((db: Objects, at: { party: number; indexes: readonly number[] }) =>
  db.selectFrom('noticed').select('idx').where('party', '=', at.party).where('idx', 'in', at.indexes),
);
export const grantedAmong = prepared((db: Objects, at: { party: number; indexes: readonly number[] }) =>
  db.selectFrom('granted').selectAll().where('party', '=', at.party).where('idx', 'in', at.indexes),
);
export const objectsById = prepared((db: Objects, at: { ids: readonly string[] }) =>
  db
    .selectFrom('object')
    .select(['part', 'room', 'party', 'stix_id as id', 'version'])
    .where('stix_id', 'in', at.ids),
);
