/** Figures for Prometheus: routes by pattern, refusals by code. Nothing in them comes from what somebody wrote. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly type: string;
  text(): Promise<string>;
  /** @param route its pattern, or `unknown` */
  requested(method: string, route: string, status: number, seconds: number): void;
  admitted(kind: string): void;
  /** @param code of the refusal */
  refused(code: string): void;
  /** SQL offered what the policy refused, for another reason than time. @param rule of the policy */
  disagreed(rule: string): void;
  /** What the public read. Reading by a party is in the journal of accesses. */
  publicRead(parts: number): void;
}

/** Asked when the figures are fetched. */
export interface Gauged {
  /** Records in the log. */
  readonly logSize: () => number;
  /** Statements that wait to be sequenced. */
  readonly queueLength: () => number;
  /** Also those of the process: memory, event loop, processor. */
  readonly process?: boolean;
}

export function createMetrics({ logSize, queueLength, process = true }: Gauged): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry, prefix: 'parley_' });
  gauge('parley_log_records', 'Records in the log', logSize);
  gauge('parley_queue_statements', 'Statements that wait to be sequenced', queueLength);
  const requests = counter('parley_requests_total', 'Answered requests', ['method', 'route', 'status']);
  const seconds = new Histogram({
    name: 'parley_request_seconds',
    help: 'From the request to the end of its answer',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const admitted = counter('parley_statements_admitted_total', 'Statements admitted', ['kind']);
  const refused = counter('parley_statements_refused_total', 'Statements refused', ['code']);
  const disagreed = counter('parley_disagreements_total', 'Rows that SQL offered and the policy refused', [
    'rule',
  ]);
  const publicRead = counter('parley_public_parts_total', 'Parts that the public read', []);
  return {
    type: registry.contentType,
    text: () => registry.metrics(),
    requested(method, route, status, took) {
      requests.inc({ method, route, status });
      seconds.observe({ route }, took);
    },
    admitted: (kind) => admitted.inc({ kind }),
    refused: (code) => refused.inc({ code }),
    disagreed: (rule) => disagreed.inc({ rule }),
    publicRead: (parts) => publicRead.inc(parts),
  };

  function counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers });
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}
