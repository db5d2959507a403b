/** Work that may overlap, with its results in order. */

/**
 * Keeps up to `limit` pieces of work going. The first failure is thrown where its result would have come, after
 * the work that was already going has ended.
 */
export async function* ahead<T, R>(
  source: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const going: Promise<R>[] = [];
  try {
    for await (const item of source) {
      const piece = work(item);
      // It is awaited later; until then a failure must not count as unhandled.
      piece.catch(() => undefined);
      going.push(piece);
      if (going.length >= limit) yield await (going.shift() as Promise<R>);
    }
    while (going.length > 0) yield await (going.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(going);
  }
}
