import { World } from '../server/testing/world.ts';
import { serve } from '../server/testing/served.ts';
import { textOf } from './testing/walk.ts';
const w = await World.begin();
const s = await serve(w);
const t0 = performance.now();
for (let i=0;i<200;i++){ const r = await fetch(`${s.url}/api/v1/centre`); await textOf(r);} 
console.log('centre', (performance.now()-t0)/200);
const t1 = performance.now();
for (let i=0;i<200;i++){ const r = await fetch(`${s.url}/api/v1/rooms`); await r.text();} 
console.log('rooms', (performance.now()-t1)/200);
const mode = process.argv[2];
if (mode==='abort') { const stop = new AbortController(); const r = await fetch(`${s.url}/api/v1/events`,{signal: stop.signal}); const p = textOf(r); setTimeout(()=>stop.abort(),50); await p; }
const t2 = performance.now();
await s.end();
console.log('end', performance.now()-t2);
