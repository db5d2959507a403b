/** Of what never comes: no machine is so busy. */
const patience = 240_000;

/**
 * Waits for what happens beside a test.
 * @param look - again and again, until it finds something
 * @returns what it found
 * @throws Error with `what` where it never comes
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
): Promise<Exclude<T, null | undefined | false | '' | 0>> {
  for (const end = performance.now() + patience; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const seen = await look();
    if (seen) return seen as Exclude<T, null | undefined | false | '' | 0>;
    if (performance.now() > end) throw new Error(`never: ${what}`);
  }
}
