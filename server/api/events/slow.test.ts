import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Fake } from '../testing/fake.ts';

it('a client that does not read is cut off, and little is held for it', async (test) => {
  const fake = await Fake.open();
  const device = 'x'.repeat(60_000);
  const server = await fake.server({ events: { streams: 5, streamsEach: 5, patience: 200 } });
  await server.listen({ host: '127.0.0.1', port: 0 });
  test.after(() => server.close());
  const { authorization } = await fake.signIn(server);
  const { port } = server.server.address() as AddressInfo;
  let written = () => 0;
  const ended = new Promise<number>((resolve) =>
    server.server.once('connection', (socket) => {
      written = () => socket.bytesWritten;
      socket.on('close', () => resolve(socket.bytesWritten));
    }),
  );
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.pause();
  socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
  // It begins with what comes after its first word.
  while (written() === 0) await pause(5);
  // More than what both ends of a connection hold by themselves.
  const many = { ...(await fake.share([])).statement };
  for (let i = 0; i < 400; i++) {
    const header = { ...many.header, id: crypto.randomUUID() };
    const envelope = { ...many.envelope, keyid: device };
    await fake.take({ statement: { header, envelope }, parts: [] });
  }
  const sent = await ended;
  assert.ok(sent < 16 * 1024 * 1024, `${sent}`);
  assert.equal(fake.listeners.size, 0);
  socket.destroy();
});
