/** Shapes that several routes take or give. They check what comes in, and describe what goes out. */
import { partyId, purposeId, statementRef, uuid } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Described } from './route.ts';

export const prefix = '/api/v1';

/** RFC 3339 in UTC, as `textOf` writes it. */
export const time = z.string().describe('RFC 3339, UTC');

/** 1 to 1,000; 100 where nothing is said. */
export const limit = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'expected a number from 1 to 1000')
  .transform(Number)
  .pipe(z.int().max(1000, 'expected a number from 1 to 1000'))
  .prefault('100');

/** Whether it is one of ours, and of this list, its reader says. */
export const cursor = z.string().max(512).optional();

export const room = z.strictObject({ room: uuid });
export const reference = statementRef;

export const linesType = 'application/x-ndjson';
export const lines: Described = {
  type: linesType,
  schema: null,
  about: 'chain lines, statement lines each followed by its part lines, an end line',
};

export { partyId, purposeId, statementRef, uuid };
