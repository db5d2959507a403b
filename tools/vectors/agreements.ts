/** Terms between states: level, grounds for transfer, undertakings, supervision. */
import { actor, bad, type Example, embassy, good, harbour, host } from './cast.ts';

const treaty = { id: 'agreement', text: 'Treaty of 3 May, Art. 7' };
const protection = {
  controller: 'each',
  processor: host.device,
  transfers: [{ party: embassy.device, ground: treaty }],
  others: null,
};
const reports = { id: 'report', by: 'each', text: 'Each reports within a day.', inReturnFor: [] };
const routes = {
  id: 'routes',
  by: harbour.device,
  text: 'The harbour shares routes.',
  inReturnFor: ['report'],
};

/** What states agree on. */
export const agreements = (term: (change: object) => object): Example[] => [
  good(
    'everything that states agree on',
    term({
      level: 'technical',
      protection,
      undertakings: [reports, routes],
      supervisor: actor('inspector').device,
    }),
  ),
  good('nothing of it, said', term({ level: null, protection: null, undertakings: [], supervisor: null })),
  good('a controller that is a party', term({ protection: { ...protection, controller: host.device } })),
  good('a supervisor, and no roster', term({ roster: false, supervisor: actor('inspector').device })),
  good(
    'a ground for all, and no roster',
    term({ roster: false, protection: { ...protection, transfers: [], others: treaty } }),
  ),
  bad('a level that there is not', 'part.malformed', '/parts/0/level', term({ level: 'royal' })),
  bad(
    'a ground that is none',
    'part.malformed',
    '/parts/0/protection/others/id',
    term({ protection: { ...protection, others: { id: 'convenience', text: 'It is simpler.' } } }),
  ),
  bad(
    'a ground that nobody explains',
    'part.malformed',
    '/parts/0/protection/others/text',
    term({ protection: { ...protection, others: { ...treaty, text: '' } } }),
  ),
  bad(
    'two grounds for one party',
    'part.malformed',
    '/parts/0/protection/transfers',
    term({ protection: { ...protection, transfers: [...protection.transfers, ...protection.transfers] } }),
  ),
  bad('transfers, and no roster', 'part.malformed', '/parts/0/roster', term({ roster: false, protection })),
  bad(
    'undertakings of a party, and no roster',
    'part.malformed',
    '/parts/0/roster',
    term({ roster: false, undertakings: [reports, routes] }),
  ),
  bad(
    'undertakings in a circle',
    'part.malformed',
    '/parts/0/undertakings',
    term({ undertakings: [{ ...reports, inReturnFor: ['routes'] }, routes] }),
  ),
  bad(
    'an undertaking in return for itself',
    'part.malformed',
    '/parts/0/undertakings',
    term({ undertakings: [{ ...reports, inReturnFor: ['report'] }] }),
  ),
  bad(
    'in return for what is not there',
    'part.malformed',
    '/parts/0/undertakings',
    term({ undertakings: [routes] }),
  ),
  bad('an id twice', 'part.malformed', '/parts/0/undertakings', term({ undertakings: [reports, reports] })),
  bad(
    'a supervisor that takes part',
    'part.malformed',
    '/parts/0/supervisor',
    term({ undertakings: [reports, routes], supervisor: harbour.device }),
  ),
];
