/** What shapes of answers are made of (spec/api.md). */
import { z } from 'zod';

/** RFC 3339 in UTC, with up to six digits. */
export const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/);
export const count = z.int().min(0);
