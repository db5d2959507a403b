/** What is wrong in a configuration only together, or only by a closer look. */
import { Refusal } from '@parley/core/errors.ts';
import type { Config } from './config.ts';
import { wrongInTarget } from './storage/postgres-target.ts';

const keySources = ['encryption.keyFile', 'encryption.keyEnv', 'encryption.keyCommand'] as const;

/** @throws config.value */
export function checkTogether(config: Config): void {
  const [cert, key] = [config['tls.cert'], config['tls.key']];
  if ((cert === null) !== (key === null))
    throw new Refusal('config.value', {
      at: cert === null ? 'tls.cert' : 'tls.key',
      detail: 'certificates and key go together',
    });
  if (keySources.filter((key) => config[key] !== null).length > 1)
    throw new Refusal('config.value', {
      at: 'encryption',
      detail: `one of ${keySources.join(', ')}, not several`,
    });
  if (config['scanner.command'] && config['scanner.address'])
    throw new Refusal('config.value', {
      at: 'scanner.address',
      detail: 'scanner.command or scanner.address, not both',
    });
  const wrong = config.database === null ? null : wrongInTarget(config.database);
  if (wrong !== null) throw new Refusal('config.value', { at: 'database', detail: wrong });
  if (config.database === null && config.databasePasswordFile !== null)
    throw new Refusal('config.value', { at: 'databasePasswordFile', detail: 'it goes with database' });
  const local = ['127.0.0.1', '::1', 'localhost'].includes(config['listen.host']);
  if (!local && cert === null && config.trustProxy.length === 0)
    throw new Refusal('config.value', {
      at: 'listen.host',
      detail: 'beyond this machine it takes tls.cert and tls.key, or trustProxy with the proxies that do TLS',
    });
}
