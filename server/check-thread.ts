/** Checks the parts of large statements, so that a share of a mebibyte holds nobody up. */
import { parentPort } from 'node:worker_threads';
import type { Part } from '@parley/core/parts.ts';
import type { Statement } from '@parley/core/statement.ts';
import { checkShape } from './admission/check.ts';
import { serveThread } from './thread.ts';

const calls = {
  check: ({ statement, parts }: { statement: Statement; parts: readonly Part[] }) => {
    const { leaves, objects } = checkShape(statement, parts);
    return { leaves, objects };
  },
};
export type CheckerCalls = typeof calls;

if (parentPort) await serveThread(parentPort, async () => calls);
