/**
 * A centre of its own that brings and shares a file and is killed at a point of it, as by a loss of power: for tests.
 * `node server/testing/killed.ts POINT` prints what it did, a line of JSON each, and does not end by itself.
 */
import { handling } from './actor.ts';
import { bring, entriesFor, pieces, textFile, uploadLine } from './files.ts';
import { World } from './world.ts';

export const points = ['coming', 'stored', 'brought', 'shared', 'erasing'] as const;

if (import.meta.main) {
  const point = process.argv[2] as (typeof points)[number];
  const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
  const die = () => process.kill(process.pid, 'SIGKILL');
  const world = await World.begin({ ownThread: true });
  const anna = await world.party('Anna');
  const room = await world.room([anna]);
  const file = textFile('what was brought');
  tell({ folder: world.folder, party: anna.party });
  const { staged } = world.centre.journals;
  if (point === 'coming') {
    const { line } = await uploadLine(anna, file);
    await world.centre.files.receive(
      line,
      (async function* () {
        yield file.bytes.subarray(0, 4);
        await new Promise((resolve) => setTimeout(resolve, 50));
        die();
        yield* pieces(file.bytes);
      })(),
    );
  }
  if (point === 'stored') staged.put = async () => void die();
  const part = await bring(anna, file);
  tell({ leaf: Buffer.from(part.file ?? []).toString('hex') });
  if (point === 'brought') die();
  if (point === 'shared') staged.remove = async () => void die();
  const body = { handling, files: entriesFor([file]).map((entry) => ({ ...entry, n: 0 })) };
  const said = await anna.say('share/1', body, { room, parts: [part] });
  tell({ shared: said.ref.id });
  if (point === 'erasing') {
    await anna.recall(room, said.ref);
    die();
  }
}
