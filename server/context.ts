/** Gives the API what it asks of a running centre, and nothing more. */
import { Refusal } from '@parley/core/errors.ts';
import { formatVkey } from '@parley/core/note.ts';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import type { Admitted, ApiContext, Moment as ApiMoment, CentreInfo, Counting } from './api/context.ts';
import type { Metrics } from './api/metrics.ts';
import type { Centre } from './app.ts';
import { causeOf } from './centre/digests.ts';
import { connectorShare, offerConnector } from './connectors.ts';
import { follower } from './delivery/events.ts';
import { logsIn } from './log/logs.ts';
import { inclusionProofAt, tileBytes } from './log/proofs.ts';
import { keptLinks } from './release/chains.ts';
import { releaseAdmitted } from './release/receipts.ts';
import { isPurposeOf, type Moment } from './sources.ts';

export interface ContextOptions {
  readonly metrics: Metrics;
  readonly stopping: () => boolean;
}

export async function apiContext(centre: Centre, { metrics, stopping }: ContextOptions): Promise<ApiContext> {
  const { journals, now } = centre;
  // Nothing of a moment leaves that replicas do not hold: who has seen it would miss it in one that takes over.
  const read: ApiContext['read'] = async (work) => {
    let proven = 0;
    const expected = centre.expect();
    const [result, size] = await centre.read(async (sources, moment) => {
      const prove = (index: number) => {
        proven = Math.max(proven, index + 1);
      };
      const result = await work({ sources, log: publicLog(moment, centre.origin, prove) });
      return [result, (await expected(moment.log))?.size ?? 0] as const;
    });
    if (proven > 0) await centre.replicas.given(proven);
    await centre.replicas.shown(size);
    return result;
  };
  const links = keptLinks((work) => centre.read((sources) => work(sources)));
  return {
    info: await infoOf(centre),
    journals,
    cursorKey: centre.cursorKey,
    files: {
      limits: centre.files.limits,
      receive: centre.files.receive,
      open: ({ value: { author, leaf } }) => centre.files.open(author, leaf),
    },
    metrics,
    now,
    read,
    follow: follower({ read, onCommit: centre.onCommit }),
    submit: ({ statement, parts }, counting) => submitted(centre, links, statement, parts, counting),
    offerConnector: (party) => offerConnector(centre.name, party, journals.connectors, now()),
    async shareAs(connector, words) {
      const statement = await connectorShare(centre.name, connector, words, journals.connectors, now());
      return submitted(centre, links, statement, words.parts);
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

async function submitted(
  centre: Centre,
  links: ReturnType<typeof keptLinks>,
  statement: Statement,
  parts: readonly Part[],
  counting?: Counting,
): Promise<Admitted> {
  const { proof, checkpoint, ...place } = await centre.submit(statement, parts, counting);
  const matter = await releaseAdmitted({ ...statement, ...place }, links);
  return { matter, proof, checkpoint };
}

/** @param prove told of each record of which the place in the log is given out: a receipt */
function publicLog({ log }: Moment, origin: string, prove: (index: number) => void): ApiMoment['log'] {
  return {
    async head() {
      const head = await log.head();
      return head && { size: head.size, note: head.checkpoint };
    },
    async cosigned() {
      const last = await log.cosigned();
      // What witnesses cosigned last may be of the log before.
      return last?.note.startsWith(`${origin}\n`) ? last : null;
    },
    tile: async (tile) => tileBytes(log, tile, (await log.head())?.size ?? 0),
    inclusionProof(index, size) {
      prove(index);
      return inclusionProofAt(log, index, size);
    },
  };
}

async function infoOf(centre: Centre): Promise<CentreInfo> {
  const [parties, logs] = await centre.read(
    async ({ parties }, { log }) => [await parties.all(), await logsIn(log)] as const,
  );
  const host = parties.find(({ role }) => role === 'host')?.id ?? null;
  const { name, origin, vkeys, party } = centre;
  const history = logs.map(({ origin, keys, from, opening }) => ({
    ...{ origin, from, statement: opening },
    logs: keys.map(formatVkey),
  }));
  return { centre: name, origin, logs: vkeys, party, host, history };
}
