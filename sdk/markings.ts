/** What the objects are marked with is looked at before they leave, over all the statements that a share takes. */
import type { Handling } from '@parley/core/handling.ts';
import { checkAllMarkings, type Definitions, definitionsIn } from '@parley/core/markings.ts';
import type { Part } from '@parley/core/parts.ts';
import { parseStix } from '@parley/core/stix.ts';

/**
 * The centre looks at one statement; this remembers the definitions of those before. One that comes after the objects
 * that name it is seen too late: they may be said already.
 * @returns throws handling.contradiction for an object whose marking is narrower
 */
export function markingsUnder(handling: Handling): (parts: readonly Part[]) => void {
  let known: Definitions = new Map();
  return (parts) => {
    const objects = parts
      .filter(({ file }) => file === undefined)
      .map(({ bytes }, n) => parseStix(bytes, `/parts/${n}`));
    checkAllMarkings(objects, handling, known);
    known = definitionsIn(objects, known);
  };
}
