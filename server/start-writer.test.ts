import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openers, placeAt } from './place.ts';
import { startWriter } from './start-writer.ts';

it('refuses openers that would not reach the thread of the writer', async () => {
  const folder = '/nowhere';
  const nothing = () => {};
  const events = { committed: nothing, erased: nothing, trouble: nothing, fault: nothing, doubt: nothing };
  const options = { centre: 'centre.example', folder, openers, onDoubt: nothing };
  await assert.rejects(startWriter(options, placeAt(folder), events), /give a clock with the openers/);
});
