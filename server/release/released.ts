/**
 * The seal on what may go out. Only this folder makes one; whatever presents, delivers, counts or exports takes
 * nothing else, so that forgetting the policy does not compile. `tools/check-laws.test.ts` bans the cast.
 */
declare const seal: unique symbol;

export type Released<T> = { readonly value: T; readonly [seal]: true };

/** For the files of `release/` alone: the last line of a function that has decided. */
export function released<T>(value: T): Released<T> {
  return { value } as Released<T>;
}
