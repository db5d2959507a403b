/**
 * What the centre concludes it says as a party of its own, at the front door. The id follows from the cause, so that
 * two instances, or one that starts again, say it once.
 */
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import type { KindName } from '@parley/core/kinds.ts';
import {
  type AnyHeader,
  type Header,
  parseStatement,
  type Signer,
  type Statement,
  signHeader,
  uuidFrom,
} from '@parley/core/statement.ts';

export interface VoiceOptions {
  readonly centre: string;
  readonly party: string;
  readonly signer: Signer;
  readonly say: (statement: Statement) => Promise<unknown>;
  readonly now: () => number;
}

export class Voice {
  readonly #options: VoiceOptions;

  constructor(options: VoiceOptions) {
    this.#options = options;
  }

  /** Says it unless it was said: what it would say may also have become untrue meanwhile, which is no fault. */
  async say<K extends KindName>(
    kind: K,
    cause: string,
    about: { room?: string; body: Header<K>['body'] },
  ): Promise<void> {
    const { centre, party, signer, say, now } = this.#options;
    const at = millisecondsOf(now());
    const { room, body } = about;
    const header = {
      kind,
      centre,
      ...(room === undefined ? {} : { room }),
      id: causedId(kind, cause),
      party,
      device: signer.device,
      at,
      body,
    };
    const envelope = await signHeader(header as AnyHeader, signer);
    try {
      await say(parseStatement(envelope as unknown as Json));
    } catch (error) {
      if (!(error instanceof Refusal && settled.has(error.code))) throw error;
    }
  }

  /** The reference that a statement of this cause has, said or not. */
  refOf(kind: KindName, cause: string): StatementRef {
    return { party: this.#options.party, id: causedId(kind, cause) };
  }
}

const settled: ReadonlySet<string> = new Set(['statement.id-known', 'target.recalled', 'hold.ended']);

function causedId(kind: KindName, cause: string): string {
  return uuidFrom(utf8(`parley/caused/v1\n${kind}\n${cause}`));
}

/** A statement's reference as part of a cause. */
export function named(ref: StatementRef): string {
  return `${ref.party}/${ref.id}`;
}
