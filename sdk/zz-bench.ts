import { createReadStream, existsSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { all, handling, openScene, visit, object } from './testing/scene.ts';
import { objectsIn } from './share-input.ts';
const file = '/work/shared/data/attack-enterprise.jsonl.gz';
const { small, session, room, signer } = await openScene();
// proofs of a growing in-memory tree are slow in the fake: fine
let t = performance.now();
let bytes = 0, n = 0;
const objects = [];
for await (const o of objectsIn(createReadStream(file).pipe(createGunzip()))) { objects.push(o); bytes += o.length; n++; }
console.log('split', n, bytes / 1e6, 'MB', Math.round(performance.now() - t), 'ms');
t = performance.now();
const receipts = await session.share(room, objects, handling);
console.log('share', receipts.length, 'statements', Math.round(performance.now() - t), 'ms');
for (let k = 0; k < 2; k++) {
  const centre = await visit(small);
  const s = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
  // warm page bodies so that the fake's own work does not count
  const cache = new Map<string, Response>();
  t = performance.now();
  let served = 0;
  small.alter = (path, a) => a;
  const start = performance.now();
  let c = 0;
  for await (const p of s.parts(room)) c++;
  console.log('read', c, Math.round(performance.now() - start), 'ms', Math.round(c / (performance.now() - start) * 1000), '/s, fake included');
}
// single-part statements
const few = objects.slice(0, 4000);
t = performance.now();
