/** Calls into a worker thread and their answers. Refusals cross whole; anything else is a fault. */
import { type MessagePort, Worker } from 'node:worker_threads';
import { type Code, type Params, Refusal } from '@parley/core/errors.ts';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly refusal?: {
    readonly code: Code;
    readonly at?: string;
    readonly detail?: string;
    readonly params: Params;
  };
}

export interface Thread {
  call<T>(name: string, argument?: unknown): Promise<T>;
  terminate(): Promise<void>;
}

/**
 * @param told what the thread says by itself
 * @param died the thread ended, by itself or by an error
 */
export function startThread(
  file: URL,
  workerData: unknown,
  told: (name: string, value: unknown) => void,
  died: (cause: unknown) => void,
): Promise<Thread> {
  const worker = new Worker(file, { workerData });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (cause: unknown) => void }>();
  let next = 0;
  let ending = false;
  const end = (cause: unknown) => {
    for (const { reject } of waiting.values()) reject(new Refusal('fault', { cause }));
    waiting.clear();
    if (!ending) died(cause);
    ending = true;
  };
  return new Promise((resolve, reject) => {
    worker.on('error', (cause) => {
      reject(cause);
      end(cause);
    });
    worker.on('exit', () => end(new Error('the thread ended')));
    worker.on(
      'message',
      (
        message:
          | Answer
          | { readonly told: string; readonly value: unknown }
          | { readonly failed: Answer['refusal'] },
      ) => {
        if ('failed' in message) return reject(refusalFrom(message.failed));
        if ('told' in message) {
          return message.told === 'ready' ? resolve({ call, terminate }) : told(message.told, message.value);
        }
        const call_ = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.refusal) call_?.reject(refusalFrom(message.refusal));
        else call_?.resolve(message.value as never);
      },
    );
  });

  function call<T>(name: string, argument?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      if (ending) return reject(new Refusal('stopping'));
      const id = next++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, name, argument } satisfies Call);
    });
  }

  async function terminate(): Promise<void> {
    ending = true;
    await worker.terminate();
  }
}

function refusalFrom(about: Answer['refusal']): Refusal {
  if (!about) return new Refusal('fault');
  const { code, ...rest } = about;
  return new Refusal(code, rest);
}

function refusalOf(error: unknown): NonNullable<Answer['refusal']> {
  if (!(error instanceof Refusal)) return { code: 'fault', detail: String(error), params: {} };
  const { code, at, detail, params } = error;
  return { code, params, ...(at === undefined ? {} : { at }), ...(detail === undefined ? {} : { detail }) };
}

/** The thread's side: answers calls by name. Where the work before `ready` fails, the starter gets its refusal. */
export async function serveThread(
  port: MessagePort,
  open: (
    tell: (name: string, value?: unknown) => void,
  ) => Promise<Readonly<Record<string, (argument: never) => unknown>>>,
): Promise<void> {
  const tell = (name: string, value?: unknown) => port.postMessage({ told: name, value });
  try {
    const calls = await open(tell);
    port.on('message', async ({ id, name, argument }: Call) => {
      try {
        const value = await calls[name]?.(argument as never);
        port.postMessage({ id, value } satisfies Answer);
      } catch (error) {
        port.postMessage({ id, refusal: refusalOf(error) } satisfies Answer);
      }
    });
    tell('ready');
  } catch (error) {
    port.postMessage({ failed: refusalOf(error) });
  }
}
