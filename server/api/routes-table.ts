/** All routes of the API, and the table of them that a test walks as every kind of viewer. */
import { accessRoutes } from './accesses/routes.ts';
import { attemptRoutes } from './attempts/routes.ts';
import { type CentreOptions, centreRoutes } from './centre/routes.ts';
import { connectorRoutes } from './connectors/routes.ts';
import type { ApiContext } from './context.ts';
import { dueRoutes } from './dues/routes.ts';
import { type EventLimits, eventRoutes } from './events/routes.ts';
import { fileRoutes } from './files/routes.ts';
import { lawRoutes } from './law/routes.ts';
import type { PartyLimit } from './limits.ts';
import { logRoutes } from './log/routes.ts';
import { partyRoutes } from './parties/routes.ts';
import { roomRoutes } from './rooms/routes.ts';
import type { Caller, Route } from './route.ts';
import { sessionRoutes } from './session/routes.ts';
import { statementRoutes } from './statements/routes.ts';
import { bodyLimit } from './submit/body.ts';
import { submitRoutes } from './submit/routes.ts';
import { supervisionRoutes } from './supervision/routes.ts';
import { undertakingRoutes } from './undertakings/routes.ts';

export interface RoutesOptions extends Pick<CentreOptions, 'metricsToken'> {
  readonly events: EventLimits;
  readonly limit: PartyLimit;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

export function allRoutes(context: ApiContext, options: RoutesOptions): Route[] {
  const { events, limit, closing, metricsToken } = options;
  return [
    ...centreRoutes(context, { body: bodyLimit, metricsToken }),
    ...sessionRoutes(context, limit),
    ...submitRoutes(context, limit),
    ...fileRoutes(context, limit),
    ...statementRoutes(context),
    ...roomRoutes(context),
    ...undertakingRoutes(),
    ...supervisionRoutes(context),
    ...partyRoutes(),
    ...dueRoutes(context),
    ...lawRoutes(context),
    ...accessRoutes(context),
    ...connectorRoutes(context),
    ...attemptRoutes(context),
    ...eventRoutes(context, events, closing),
    ...logRoutes(context),
  ];
}

/** What a server answers to, as it is registered. */
export interface Entry {
  readonly method: string;
  /** With `:name` and `*` for what the caller puts in. */
  readonly path: string;
  readonly viewer: Caller;
}
