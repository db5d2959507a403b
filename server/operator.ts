/** The commands of whoever runs a centre. They work on its folder; nothing of them can speak for a party. */
import type { Command } from 'commander';
import { backupCommand } from './operator/backup.ts';
import { encryptCommand } from './operator/encrypt.ts';
import { fsckCommand } from './operator/fsck.ts';
import { initCommand } from './operator/init.ts';
import { moveCommand } from './operator/move.ts';
import { rebuildCommand } from './operator/rebuild.ts';
import { rekeyCommand } from './operator/rekey.ts';
import { replicateCommand } from './operator/replicate.ts';
import { restoreCommand } from './operator/restore.ts';
import { rotateCommand } from './operator/rotate.ts';
import { startCommand } from './operator/start.ts';
import type { Terminal } from './operator/terminal.ts';

export function operatorCommands(terminal: Terminal): Command[] {
  return [
    initCommand,
    startCommand,
    backupCommand,
    restoreCommand,
    moveCommand,
    replicateCommand,
    rebuildCommand,
    fsckCommand,
    encryptCommand,
    rekeyCommand,
    rotateCommand,
  ].map((make) => make(terminal).helpGroup('Run a centre:'));
}
