/** The centre says up to where it may hold what is classified, when its operator has configured otherwise than stands. */
import type { Classification } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { named, type Voice } from './voice.ts';

export interface AccreditationSources {
  /** What stands, and the statement that says so; null while the log is empty. */
  accreditation(): Promise<{
    readonly highest: Classification;
    readonly statement: StatementRef | null;
  } | null>;
}

/**
 * Says it once for each start. What another instance has said since then stands: two that are configured differently
 * would contradict each other for ever.
 */
export class Accreditation {
  readonly #sources: AccreditationSources;
  readonly #voice: Voice;
  readonly #wanted: Classification | null;
  readonly #otherwise: (cause: Refusal) => void;
  /** It stood once, as this instance wants it, or was said to. */
  #said = false;
  #contradicted: Classification | null = null;

  /**
   * @param wanted of the configuration; null: whatever stands
   * @param otherwise told when another instance has said what this one is not configured for
   */
  constructor(
    sources: AccreditationSources,
    voice: Voice,
    wanted: Classification | null,
    otherwise: (cause: Refusal) => void,
  ) {
    this.#sources = sources;
    this.#voice = voice;
    this.#wanted = wanted;
    this.#otherwise = otherwise;
  }

  /** Before anybody else can speak. A clock that is off refuses it like everything, and the rounds say it then. */
  async sayAtStart(refused: (cause: Refusal) => void): Promise<void> {
    try {
      await this.say();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused(error);
    }
  }

  async say(): Promise<void> {
    const wanted = this.#wanted;
    const now = wanted === null ? null : await this.#sources.accreditation();
    if (wanted === null || now === null) return;
    if (now.highest !== wanted && this.#said) return this.#differs(now.highest, wanted);
    // By what it replaces, so that going back to what it once was is another statement.
    const cause = `${now.statement === null ? 'none' : named(now.statement)}\n${wanted}`;
    if (now.highest !== wanted)
      await this.#voice.say('centre.accredit/1', cause, { body: { highest: wanted } });
    this.#said = true;
    this.#contradicted = null;
  }

  /** Once for each word of the other's. */
  #differs(stands: Classification, wanted: Classification): void {
    if (this.#contradicted === stands) return;
    this.#contradicted = stands;
    this.#otherwise(
      new Refusal('config.value', {
        at: 'accredited',
        detail: `another instance has said ${stands}, and this one is configured with ${wanted}: it stays as it was said last. Give all instances the same, and start them again`,
      }),
    );
  }
}
