/** Processes of the benchmark: each signs what it is going to say, waits for the word, and reports. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ended } from './stage.ts';

export interface Waiting<T> {
  begin(): Promise<T>;
}

/** @returns once it is ready */
export function child<T>(file: string, order: object): Promise<Waiting<T>> {
  const started = fork(join(import.meta.dirname, file), [JSON.stringify(order)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const kill = () => void ended(started, 'SIGKILL');
  process.once('exit', kill);
  started.once('exit', () => process.off('exit', kill));
  return new Promise((ready, failed) => {
    const report = new Promise<T>((resolve, reject) => {
      started.on('message', (message) => {
        if (message !== 'ready') return resolve(message as T);
        ready({
          begin() {
            started.send('begin');
            return report;
          },
        });
      });
      started.once('exit', (code) => reject(new Error(`${file} ended with ${code} before its report`)));
    });
    report.catch(failed);
  });
}
