/** The machine's description of the API (OpenAPI 3.1), made from the declarations of the routes. */
import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import type { Caller, Described, Route } from './route.ts';

export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Parley',
    version: '1',
    description:
      'The JSON API of a Parley centre. Errors are problem details (RFC 9457) with a stable `code`. ' +
      'Answers that carry statements are lines of JSON; the bytes of a part are exactly what was said.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  components: {
    securitySchemes: {
      session: { type: 'http' as const, scheme: 'bearer', description: 'The token of a session' },
      connector: { type: 'http' as const, scheme: 'bearer', description: 'The token of a connector' },
      basic: {
        type: 'http' as const,
        scheme: 'basic',
        description: 'The token of a connector as the password',
      },
    },
  },
};

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'params'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    at: { type: 'string' },
    params: { type: 'object' },
  },
};

const security: Readonly<Record<Caller, readonly Record<string, readonly string[]>[]>> = {
  anyone: [{}, { session: [] }],
  party: [{ session: [] }],
  operator: [],
};
const byConnector = [{ connector: [] }, { basic: [] }];

/** Fastify compiles none of it: zod has checked what comes in, and what goes out is written as text. */
export function schemaOf({ about, viewer, connectors, params, query, body, answers }: Route): FastifySchema {
  const response: Record<string, unknown> = {
    default: { description: 'A problem', content: { 'application/problem+json': { schema: problem } } },
  };
  for (const [status, answer] of Object.entries(answers)) response[status] = responseOf(answer);
  return {
    summary: about,
    security: connectors ? [...security[viewer], ...byConnector] : security[viewer],
    ...(params ? { params: jsonSchema(params) } : {}),
    ...(query ? { querystring: jsonSchema(query) } : {}),
    ...(body ? { body: { content: { [body.type]: { schema: jsonSchema(body.schema) } } } } : {}),
    response,
  };
}

function responseOf({ about, type, schema }: Described): unknown {
  if (type === '') return { description: about, type: 'null' };
  return { description: about, content: { [type]: { schema: jsonSchema(schema) } } };
}

function jsonSchema(schema: z.ZodType | null): unknown {
  if (schema === null) return { type: 'string' };
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
