/** Lends the operator's commands what the client's commands have: the terminal, and the home of a device. */
import { example, shape } from '@parley/cli/arguments.ts';
import { contextOf } from '@parley/cli/context.ts';
import { card } from '@parley/cli/format.ts';
import type { Io } from '@parley/cli/io.ts';
import { withProgress } from '@parley/cli/progress.ts';
import { quoted } from '@parley/cli/typed.ts';
import { base64 } from '@parley/core/bytes.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import type { NewDevice, Terminal } from '@parley/server/operator/terminal.ts';
import type { Command } from 'commander';

export function operatorTerminal(io: Io): Terminal {
  return {
    env: io.env,
    answer: (command, value, human) => contextOf(io, command).answer(value, human),
    progress: (what, work) => withProgress(io, what, work),
    stopping: () => io.stopping(),
    typed: (command, words) => contextOf(io, command).typed(words),
    quoted,
    exit: (status) => process.exit(status),
    example,
    shape,
    card,
    newDevice: (command) => newDevice(io, command),
  };
}

async function newDevice(io: Io, command: Command): Promise<NewDevice> {
  const { home } = contextOf(io, command);
  home.needEmpty();
  const { signer, pkcs8 } = await generateKey();
  return {
    signer,
    dir: home.dir,
    keep: (about) =>
      home.create({ format: 'parley-home/1', ...about, device: signer.device, pkcs8: base64(pkcs8) }),
    discard: () => home.discard(),
  };
}
