#!/usr/bin/env node
// The plain launcher: only words that a Node from years ago can read, so that it can say what is missing.
// biome-ignore-all lint/style/useNodejsImportProtocol: an old Node does not know it.
import { spawn, spawnSync } from 'child_process';
import { generateKeyPairSync } from 'crypto';
import { existsSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const here = dirname(fileURLToPath(import.meta.url));
const needed = [24, 7];

/** node:sqlite and type stripping come with the version, ML-DSA-44 with the OpenSSL that Node was built with. */
function missingHere() {
  const parts = process.versions.node.split('.').map(Number);
  if (parts[0] < needed[0] || (parts[0] === needed[0] && parts[1] < needed[1]))
    return `Node ${process.versions.node} is too old`;
  try {
    generateKeyPairSync('ml-dsa-44');
    return '';
  } catch (_) {
    return 'this Node was built without ML-DSA-44 (it needs OpenSSL 3.5)';
  }
}

/** The Node that npm installs beside us, from here upwards: in the project, or where we are a dependency. */
function nodeBeside() {
  const windows = process.platform === 'win32';
  const names = [
    join(`node-${process.platform}-${process.arch}`, 'bin', windows ? 'node.exe' : 'node'),
    join('.bin', windows ? 'node.exe' : 'node'),
  ];
  for (let dir = dirname(here); ; dir = dirname(dir)) {
    for (const name of names) {
      const path = join(dir, 'node_modules', name);
      if (existsSync(path) && spawnSync(path, ['--version']).status === 0) return path;
    }
    if (dir === dirname(dir)) return '';
  }
}

/**
 * Node keeps there what it has compiled, which halves the time to start; where it cannot write, it does without. And
 * the allocator of glibc keeps memory for each thread that never goes back: two such pools serve them all.
 */
function environment() {
  const cache = join(here, '..', 'node_modules', '.cache', 'node');
  return Object.assign({ NODE_COMPILE_CACHE: cache, MALLOC_ARENA_MAX: '2' }, process.env);
}

function start(node) {
  const main = [join(here, 'parley.ts')].concat(process.argv.slice(2));
  const child = spawn(node, ['--disable-warning=ExperimentalWarning'].concat(main), {
    stdio: 'inherit',
    env: environment(),
  });
  // A terminal sends Ctrl-C to both of us, a supervisor its signal to us alone: the child decides when to end.
  process.on('SIGINT', () => {});
  ['SIGTERM', 'SIGHUP'].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on('error', (error) => {
    console.error(`parley: ${node} does not start: ${error.message}`);
    process.exit(3);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const missing = missingHere();
const node = missing === '' ? process.execPath : nodeBeside();
if (node === '') {
  console.error(`parley: ${missing}.`);
  console.error(`Parley needs Node ${needed.join('.')} or newer. Either install it from https://nodejs.org,`);
  console.error(`or run "npm ci" in ${dirname(here)} without leaving out optional dependencies:`);
  console.error('it brings a Node for Linux, macOS and Windows along.');
  process.exit(3);
}
start(node);
