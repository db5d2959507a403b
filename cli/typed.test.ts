import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parley, temporary } from './testing/terminal.ts';
import { retyped, typedAt, typedWith } from './typed.ts';

test('a command is printed as it can be typed here', () => {
  assert.equal(typedWith({})('tasks'), 'parley tasks');
  assert.equal(typedWith({}, 'my home')('tasks'), 'parley --home "my home" tasks');
  const npm = typedWith({ npm_command: 'run-script', npm_lifecycle_event: 'parley' }, 'homes/city');
  assert.equal(npm('tasks'), 'npm run -s parley -- --home homes/city tasks');
  assert.equal(typedWith({ npm_command: 'exec', npm_lifecycle_event: 'npx' })('tasks'), 'npx parley tasks');
  assert.equal(typedWith({}, "it's $HOME")('tasks'), "parley --home 'it'\\''s $HOME' tasks");
  assert.equal(typedAt({ PARLEY_HOME: '/h' }, '/h')('tasks'), 'parley tasks');
  assert.equal(typedAt({ PARLEY_HOME: '/h' }, '/other')('tasks'), 'parley --home /other tasks');
  assert.equal(
    retyped('truly lost: parley restore', typedWith({ npm_command: 'exec' })),
    'truly lost: npx parley restore',
  );
  assert.equal(
    retyped('give "parley open" to parley people\n  $ parley read', npm),
    'give "npm run -s parley -- --home homes/city open" to parley people\n  $ npm run -s parley -- --home homes/city read',
  );
});

test('errors and help, too', async (t) => {
  const env = { npm_command: 'run-script', npm_lifecycle_event: 'parley' };
  const home = temporary(t);
  assert.ok((await parley(['tasks', '--home', home], { env })).err.includes(`-- --home ${home} join URL`));
  assert.match((await parley(['tasks', '--help'], { env })).out, /\$ npm run -s parley -- tasks/);
});
