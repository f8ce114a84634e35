import { type Form, lessHost } from '../form.ts';
import type { Seen } from '../seen.ts';

/** `0.0.0.0` and `::` are one wish, told as often as the engine listens. */
const published = ({ found }: Seen, port: string) =>
  [
    ...new Set(
      (found.NetworkSettings.Ports[port] ?? []).map(({ HostIp, HostPort }) => {
        const at = HostIp === '127.0.0.1' ? 'loopback' : 'everywhere';
        return `${at} ${Number(HostPort) > 0 ? 'a port' : 'none'}`;
      }),
    ),
  ].sort();
const exactly = async ({ found }: Seen, port: string) => {
  const asked = found.HostConfig.PortBindings as Record<string, { HostPort: string }[]>;
  const wanted = (asked[port] ?? []).map(({ HostPort }) => HostPort).sort();
  const got = (found.NetworkSettings.Ports[port] ?? []).map(({ HostPort }) => HostPort).sort();
  return { ports: wanted.length, fixed: wanted.every(text => text !== ''), asIs: wanted.join() === got.join() };
};
const unpublish =
  (port: string): Form['lose'] =>
  ({ body }) => {
    delete (body.HostConfig['PortBindings'] as Record<string, unknown> | undefined)?.[port];
  };
const republish =
  (port: string, HostIp: string, HostPort: string): Form['lose'] =>
  ({ body }) => {
    const bindings = body.HostConfig['PortBindings'] as Record<string, unknown> | undefined;
    if (bindings?.[port] !== undefined) bindings[port] = [{ HostIp, HostPort }];
  };

export const PORTS: readonly Form[] = [
  {
    form: 'a port published at a fixed one of loopback',
    on: 'hub',
    want: { at: ['loopback a port'], ports: 1, fixed: true, asIs: true },
    see: async at => ({ at: published(at, '7001/tcp'), ...(await exactly(at, '7001/tcp')) }),
    lose: republish('7001/tcp', '127.0.0.1', ''),
  },
  {
    form: 'a port published at any one, everywhere',
    on: 'hub',
    want: ['everywhere a port'],
    see: at => published(at, '7002/tcp'),
    lose: unpublish('7002/tcp'),
  },
  {
    form: 'a port published at any one of loopback',
    on: 'hub',
    want: ['loopback a port'],
    see: at => published(at, '7003/tcp'),
    lose: republish('7003/tcp', '', ''),
  },
  {
    form: 'a port published in a range',
    on: 'hub',
    want: 'in a range of 10',
    see: ({ found }) => {
      const [asked] = (found.HostConfig.PortBindings as Record<string, { HostPort: string }[]>)['7004/tcp'] ?? [];
      const [from = Number.NaN, to = Number.NaN] = (asked?.HostPort ?? '').split('-').map(Number);
      const got = Number(found.NetworkSettings.Ports['7004/tcp']?.[0]?.HostPort);
      return got >= from && got <= to ? `in a range of ${to - from + 1}` : 'not in a range';
    },
    lose: republish('7004/tcp', '127.0.0.1', ''),
  },
  {
    form: 'a published UDP port',
    on: 'hub',
    want: { at: ['loopback a port'], ports: 1, fixed: true, asIs: true },
    see: async at => ({ at: published(at, '7005/udp'), ...(await exactly(at, '7005/udp')) }),
    lose: unpublish('7005/udp'),
  },
  {
    form: 'one port published twice',
    on: 'hub',
    want: { ports: 2, fixed: true, asIs: true },
    see: at => exactly(at, '7006/tcp'),
    lose: ({ body }) => {
      const bindings = body.HostConfig['PortBindings'] as Record<string, unknown[]> | undefined;
      bindings?.['7006/tcp']?.splice(1);
    },
  },
  {
    form: 'a port exposed and not published',
    on: 'hub',
    want: { exposed: true, published: false },
    see: ({ found }) => ({
      exposed: '7999/tcp' in (found.Config.ExposedPorts ?? {}),
      published: (found.NetworkSettings.Ports['7999/tcp'] ?? null) !== null,
    }),
    lose: ({ body }) => void delete (body.ExposedPorts as Record<string, unknown> | undefined)?.['7999/tcp'],
  },
  {
    form: 'all exposed ports published',
    on: 'poll',
    want: ['8080/tcp', '9100/udp'],
    see: ({ found }) =>
      Object.entries(found.NetworkSettings.Ports)
        .flatMap(([port, at]) => (at === null ? [] : [port]))
        .sort(),
    lose: lessHost('PublishAllPorts'),
  },
];
