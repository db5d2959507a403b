/** What the fold of objects asks of projections folded before it. Filled in where the centre is wired. */
import type { StatementRef } from '@parley/core/fields.ts';
import type { RoomRole } from '@parley/core/kinds.ts';

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
  inviter(key: string): Promise<string>;
  /** Guardians in the last arrangements of the party. */
  guardians(party: string, arrangements: number): Promise<readonly string[]>;
  /** With whom it is in rooms, as far as they may know: owners, and members where its terms show it or it is the owner. */
  company(party: string): Promise<readonly string[]>;
  room(id: string): Promise<RoomAround>;
  /** Of the terms that the party has accepted. */
  accepted(
    room: number,
    party: string,
  ): Promise<{
    readonly purposes: readonly string[];
    readonly past: boolean;
    readonly roster: boolean;
    /** As what it stands there. */
    readonly role: RoomRole;
  }>;
  /** Who is invited, and who supervises: they are not in, and see its terms. */
  outside(room: number): Promise<readonly string[]>;
  /** From whom something was withheld by a suspension. */
  suspendedFrom(ref: StatementRef): Promise<string>;
  /** The index of a statement that the log holds. */
  find(ref: StatementRef): Promise<number>;
  /** The asker and the originator of a request. */
  ask(ref: StatementRef): Promise<{ readonly asker: string; readonly originator: string }>;
  /** Whose the target of a notice is. */
  noticed(ref: StatementRef): Promise<string>;
  /** Who lodged it, about whom and what, and who is to decide it. */
  complaint(ref: StatementRef): Promise<{
    readonly index: number;
    readonly author: string;
    readonly about: string;
    readonly statement: number | null;
    readonly supervisor: string | null;
  }>;
  /** Whom the terms now offered name, where it has come; else null. */
  supervisor(room: string): Promise<string | null>;
  /** Those of the parts that a hold covers which stands. */
  held(parts: readonly number[]): Promise<ReadonlySet<number>>;
  /** What a hold covers. */
  hold(ref: StatementRef): Promise<{ readonly parts: readonly number[] }>;
  /** Holds that stand on the record, by their indexes, rising. */
  holdsOn(target: number): Promise<readonly number[]>;
  /** Whether a share's handling says that it holds personal data. */
  personal(index: number): Promise<boolean>;
}
