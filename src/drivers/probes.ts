import type { HttpProbe, ProbeSpec } from '../plan/plan.ts';
import { about } from './attempt.ts';
import type { Evidence, Look } from './contract.ts';
import { DriverError } from './errors.ts';
import { probeHttp } from './http/probe.ts';
import { probeTcp } from './http/tcp.ts';
import { probeSql } from './postgres/probe.ts';
import { pingRedis } from './redis/ping.ts';
import type { ResolveSecret } from './secrets.ts';

/** Where a target answers: its address inside its network. Ports are the probes' own. */
export interface Address {
  readonly host: string;
}

/**
 * One try at one probe. The reason begins with what was asked of whom.
 * @param address of the target; undefined for the front door, whose probes are whole URLs
 * @throws DriverError missing | refused when a secret cannot be had, or the probe names no port and there is no URL
 */
export async function probe(
  address: Address | undefined,
  spec: ProbeSpec,
  resolve: ResolveSecret,
  look: Look,
): Promise<Evidence> {
  if (spec.kind === 'http') {
    const url = urlOf(address, spec);
    return about(`${spec.method} ${url.origin}${url.pathname}`, await probeHttp(url, spec, resolve, look));
  }
  if (address === undefined) throw new DriverError('refused', `probe ${spec.kind}: it has no target to ask`);
  const { host } = address;
  switch (spec.kind) {
    case 'tcp':
      return about(`tcp ${host}:${spec.port}`, await probeTcp(host, spec.port, spec.within, look));
    case 'sql':
      return about(`sql ${host}:${spec.login.port}`, await probeSql(host, spec, resolve, look));
    case 'redis':
      return about(`redis ${host}:${spec.port}`, await pingRedis(host, spec.port, spec.within, look));
  }
}

function urlOf(address: Address | undefined, { http, port }: HttpProbe): URL {
  if (port === undefined && URL.canParse(http) && /^https?:/.test(http)) return new URL(http);
  if (port !== undefined && address !== undefined && http.startsWith('/')) {
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    return new URL(`http://${host}:${port}${http}`);
  }
  throw new DriverError('refused', `probe http ${JSON.stringify(http)}: a path and a port, or a whole URL, expected`);
}
