/** What the fold of objects asks of projections folded before it. Filled in where the centre is wired. */
import type { StatementRef } from '@parley/core/fields.ts';

export interface RoomAround {
  readonly no: number;
  readonly gen: number;
  readonly owner: string;
  readonly index: number;
  readonly termsIndex: number;
}

export interface Surroundings {
  party(id: string): Promise<number>;
  /** Who gave the invitation with this key. */
  inviter(key: string): Promise<number>;
  room(id: string): Promise<RoomAround>;
  /** Of the terms that the party has accepted. */
  accepted(
    room: number,
    party: string,
  ): Promise<{ readonly purposes: readonly string[]; readonly past: boolean; readonly roster: boolean }>;
  invited(room: number): Promise<readonly string[]>;
  /** The index of a statement that the log holds. */
  find(ref: StatementRef): Promise<number>;
  /** The asker and the originator of a request. */
  ask(ref: StatementRef): Promise<{ readonly asker: string; readonly originator: string }>;
  /** Whose the target of a notice is. */
  noticed(ref: StatementRef): Promise<string>;
  /** Whether a share's handling says that it holds personal data. */
  personal(index: number): Promise<boolean>;
}
