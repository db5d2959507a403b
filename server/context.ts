/** Gives the API what it asks of a running centre, and nothing more. */
import { Refusal } from '@parley/core/errors.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { Admitted, ApiContext, Moment as ApiMoment, CentreInfo } from './api/context.ts';
import type { Metrics } from './api/metrics.ts';
import type { Centre } from './app.ts';
import { causeOf } from './centre/digests.ts';
import { connectorShare, offerConnector } from './connectors.ts';
import { follower } from './delivery/events.ts';
import { inclusionProofAt, tileBytes } from './log/proofs.ts';
import { releaseAdmitted } from './release/receipts.ts';
import { isPurposeOf, type Moment } from './sources.ts';

export interface ContextOptions {
  readonly metrics: Metrics;
  readonly stopping: () => boolean;
}

export async function apiContext(centre: Centre, { metrics, stopping }: ContextOptions): Promise<ApiContext> {
  const { journals, now } = centre;
  const read: ApiContext['read'] = (work) =>
    centre.read((sources, moment) => work({ sources, log: openLog(moment) }));
  return {
    info: await infoOf(centre),
    journals,
    files: {
      limits: centre.files.limits,
      receive: centre.files.receive,
      open: ({ value: { author, leaf } }) => centre.files.open(author, leaf),
    },
    metrics,
    now,
    read,
    follow: follower({ read, now, onCommit: centre.onCommit }),
    submit: ({ statement, parts }) => submitted(centre, statement, parts),
    offerConnector: (party) => offerConnector(centre.name, party, journals.connectors, now()),
    async shareAs(connector, words) {
      const statement = await connectorShare(centre.name, connector, words, journals.connectors, now());
      return submitted(centre, statement, words.parts);
    },
    isPurposeOf,
    digestRef: (from) => centre.voice.refOf('access.digest/1', causeOf(from)),
    async checkReady() {
      if (stopping()) throw new Refusal('stopping');
      await centre.ready();
    },
    stopping,
  };
}

async function submitted(centre: Centre, statement: Statement, parts: readonly Part[]): Promise<Admitted> {
  const { index, proof, checkpoint } = await centre.submit(statement, parts);
  const matter = await centre.read((sources) => releaseAdmitted(index, sources));
  return { matter, proof, checkpoint };
}

function openLog({ log }: Moment): ApiMoment['log'] {
  return {
    async head() {
      const head = await log.head();
      return head && { size: head.size, note: head.checkpoint };
    },
    cosigned: () => log.cosigned(),
    tile: async (tile) => tileBytes(log, tile, (await log.head())?.size ?? 0),
    inclusionProof: (index, size) => inclusionProofAt(log, index, size),
  };
}

async function infoOf(centre: Centre): Promise<CentreInfo> {
  const parties = await centre.read(({ parties }) => parties.all());
  const host = parties.find(({ role }) => role === 'host')?.id ?? null;
  return { centre: centre.name, origin: centre.origin, logs: centre.vkeys, party: centre.party, host };
}
