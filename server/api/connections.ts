/** Connections of one address: whoever opens thousands and says nothing must not take the places of all others. */
import type { Server } from 'node:net';
import { addressOf } from './limits.ts';

export function limitConnections(server: Server, most: number): void {
  const held = new Map<string, number>();
  server.on('connection', (socket) => {
    const who = addressOf({ ip: socket.remoteAddress ?? '' });
    const before = held.get(who) ?? 0;
    if (before >= most) {
      socket.destroy();
      return;
    }
    held.set(who, before + 1);
    socket.once('close', () => {
      const left = (held.get(who) ?? 1) - 1;
      if (left > 0) held.set(who, left);
      else held.delete(who);
    });
  });
}
