/** Calls into a worker thread and their answers. Refusals cross whole; anything else is a fault, with its trace. */
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
    readonly concerns?: readonly string[];
    /** Of a fault. */
    readonly cause?: PlainError;
  };
}

/** An error as it crosses: structured cloning loses its code, and keeps what `JSON.parse` quotes. */
interface PlainError {
  readonly name: string;
  readonly message: string;
  /** Places only. */
  readonly stack: string;
  readonly code?: string;
  readonly cause?: PlainError;
}

/** What the thread says by itself. */
interface Told {
  readonly told: string;
  readonly value?: unknown;
  readonly error?: PlainError;
}

/** What a thread answers to, by name. Arguments and answers cross by structured cloning. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

export interface Thread<C extends Calls> {
  /** @throws what it was refused with, stopping, fault */
  call<N extends keyof C & string>(
    name: N,
    ...argument: Parameters<C[N]>
  ): Promise<Awaited<ReturnType<C[N]>>>;
  terminate(): Promise<void>;
}

/** A thread that starts with the first call of it. */
export function whenCalled<C extends Calls>(start: () => Promise<Thread<C>>): Thread<C> {
  let started: Promise<Thread<C>> | null = null;
  return {
    call(name, ...argument) {
      started ??= start();
      return started.then((thread) => thread.call(name, ...argument));
    },
    terminate: async () => (await started?.catch(() => null))?.terminate(),
  };
}

/**
 * @param told what the thread says by itself: a value, or an error
 * @param died the thread ended, by itself or by an error
 */
export function startThread<C extends Calls>(
  file: URL,
  workerData: unknown,
  told: (name: string, value: unknown) => void,
  died: (cause: unknown) => void,
): Promise<Thread<C>> {
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
    worker.on('message', (message: Answer | Told | { readonly failed: Answer['refusal'] }) => {
      if ('failed' in message) return reject(refusalFrom(message.failed));
      if ('told' in message) {
        const { told: name, value, error } = message;
        return name === 'ready' ? resolve({ call, terminate }) : told(name, error ? errorFrom(error) : value);
      }
      const call_ = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.refusal) call_?.reject(refusalFrom(message.refusal));
      else call_?.resolve(message.value as never);
    });
  });

  function call<N extends keyof C & string>(
    name: N,
    ...[argument]: Parameters<C[N]>
  ): Promise<Awaited<ReturnType<C[N]>>> {
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
  const { code, cause, ...rest } = about;
  return new Refusal(code, { ...rest, ...(cause ? { cause: errorFrom(cause) } : {}) });
}

function refusalOf(error: unknown): NonNullable<Answer['refusal']> {
  if (!(error instanceof Refusal)) return { code: 'fault', params: {}, cause: plainOf(asError(error)) };
  const { code, at, detail, params, concerns, cause } = error;
  return {
    code,
    params,
    ...(concerns.length > 0 ? { concerns } : {}),
    ...(at === undefined ? {} : { at }),
    ...(detail === undefined ? {} : { detail }),
    ...(error.class === 'fault' && cause instanceof Error ? { cause: plainOf(cause) } : {}),
  };
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** `JSON.parse` quotes the text that it could not read: that message is content, and stays here. */
function plainOf(error: Error, causes = 4): PlainError {
  const { name, stack = '', cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return {
    name,
    message: error instanceof SyntaxError ? '' : error.message,
    stack: stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause instanceof Error && causes > 0 ? { cause: plainOf(cause, causes - 1) } : {}),
  };
}

function errorFrom({ name, message, stack, code, cause }: PlainError): Error {
  const error = new Error(message, cause ? { cause: errorFrom(cause) } : {});
  const first = message === '' ? name : `${name}: ${message}`;
  return Object.assign(error, { name, stack: `${first}\n${stack}`, ...(code ? { code } : {}) });
}

/** The thread's side: answers calls by name. Where the work before `ready` fails, the starter gets its refusal. */
export async function serveThread(
  port: MessagePort,
  open: (tell: (name: string, value?: unknown) => void) => Promise<Calls>,
): Promise<void> {
  const tell = (name: string, value?: unknown) =>
    port.postMessage(
      (value instanceof Error ? { told: name, error: plainOf(value) } : { told: name, value }) satisfies Told,
    );
  try {
    const calls = await open(tell);
    port.on('message', async ({ id, name, argument }: Call) => {
      try {
        const answer = Object.hasOwn(calls, name) ? calls[name] : undefined;
        if (!answer) throw new Error(`the thread has no call ${name}`);
        const value = await answer(argument as never);
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
