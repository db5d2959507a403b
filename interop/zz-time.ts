import { World, indicator } from '../server/testing/world.ts';
import { serve } from '../server/testing/served.ts';
import { textOf } from './testing/walk.ts';
const w = await World.begin();
const l = await w.party('L');
const room = await w.room([l]);
const s = await serve(w);
const token = await w.centre.journals.sessions.open({party:l.party, device:l.signer.device, purpose:'event-security', justification:null, now:Date.now()*1000, ttl:3600e6});
const mode = process.argv[2] ?? '';
const list = [];
for (const q of mode.includes('room') ? [`?room=${room}`] : ['']) for (let i=0;i<2;i++) {
  const stop = new AbortController();
  const r = await fetch(`${s.url}/api/v1/events${q}`, {headers:{authorization:`Bearer ${token}`}, signal: stop.signal});
  list.push({stop, ended: textOf(r)});
}
if (mode.includes('leave')) await l.say('room.leave/1', {}, {room});
await new Promise(r=>setTimeout(r,300));
if (mode.includes('abort')) for (const {stop} of list) stop.abort();
if (!mode.includes('noawait')) await Promise.all(list.map(x=>x.ended));
const t2 = performance.now();
await s.end();
console.log(mode, 'end', performance.now()-t2);
process.exit();
