import type { OddImages, OddRelease } from './images.ts';
import { CANARY, OURS } from './requests.ts';

export interface ComposeBlueprint {
  readonly images: OddImages;
  readonly release: OddRelease;
  /** `10.201.` */
  readonly prefix: string;
  /** Of loopback. */
  readonly ports: { readonly gate: number; readonly fixed: number };
}

/** The tier of each service of the compose file; the gate has none. */
export const COMPOSE_TIERS = {
  hub: 'first',
  vault: 'first',
  sidecar: 'first',
  watcher: 'second',
  reader: 'second',
  shell: 'second',
  gate: '',
} as const;
export type ComposeService = keyof typeof COMPOSE_TIERS;

/** A part of the odd platform, as a compose file. What v2 does not say otherwise is v1's to the letter. */
export function composeFile({ images, release, prefix, ports }: ComposeBlueprint): string {
  const v2 = release === 'v2';
  const image = images[release];
  const environment = (service: string) => `
      SERVICE: ${service}
      TOKEN: ${CANARY}`;
  return `version: '2.4'
x-labels: &labels
${Object.entries(OURS)
  .map(([name, value]) => `  ${name}: ${value}`)
  .join('\n')}
services:
  hub:
    image: ${image}
    command: [serve]
    restart: always
    hostname: hub-host
    domainname: odd.example
    ipc: shareable
    mem_limit: ${v2 ? '48m' : '32m'}
    labels: { <<: *labels, odd.empty: '', odd.equals: 'a=b=c', odd.unicode: 'žluťoučký ☃' }
    networks:
      front: { aliases: [${v2 ? 'api' : 'api, api.odd'}], ipv4_address: ${prefix}66.${v2 ? 78 : 77} }
      any: {}
    ports: ['127.0.0.1:${ports.fixed}:7001', '7002'${v2 ? '' : ", '127.0.0.1::7003'"}]
    expose: ['7999']
    sysctls: { net.ipv4.ip_unprivileged_port_start: '${v2 ? 82 : 81}' }
    extra_hosts: ['oracle:10.9.8.7']
    healthcheck: { test: 'wget -q -O /dev/null http://127.0.0.1:8080/health', interval: 60s, start_period: 3s, retries: 4 }
    logging: { driver: json-file, options: { max-size: 1m } }
    environment:${environment('hub')}
  sidecar:
    image: ${images.v1}
    command: [idle]
    restart: unless-stopped
    network_mode: service:hub
    labels: *labels
    environment:${environment('sidecar')}
  watcher:
    image: ${images.v1}
    command: [idle]
    restart: on-failure:3
    pid: service:hub
    ipc: service:hub
    labels: *labels
    environment:${environment('watcher')}
  vault:
    image: ${image}
    command: [idle]
    restart: always
    read_only: ${v2 ? 'false' : 'true'}
    user: '1000:1001'
    cap_drop: [ALL]
    security_opt: ['no-new-privileges']
    ulimits: { nofile: { soft: 1000, hard: ${v2 ? 3000 : 2000} } }
    volumes: ['named:/named', '/own', './bind:/bind:ro', './control:/etc/odd:ro']
    tmpfs: ['/scratch:size=2m']
    labels: *labels
    environment:${environment('vault')}
  reader:
    image: ${images.v1}
    command: [idle]
    volumes_from: ['vault:ro']
    labels: *labels
    environment:${environment('reader')}
  shell:
    image: ${image}
    entrypoint: ''
    command: [sh, -c, "trap 'exit 0' TERM INT QUIT; while :; do sleep 1; done", with a blank, '']
    init: true
    tty: true
    stdin_open: true
    stop_signal: SIGQUIT
    stop_grace_period: 3s
    labels: *labels
    environment:${environment('shell')}
      EMPTY: ''
      LINES: "one\\ntwo"
      OLD: ${v2 ? 'of v2' : 'of v1'}
  gate:
    image: ${image}
    command: [serve]
    restart: always
    networks: [any]
    ports: ['127.0.0.1:${ports.gate}:8080']
    labels: *labels
    environment:${environment('gate')}
networks:
  front: { ipam: { config: [{ subnet: ${prefix}66.0/24 }] } }
  any: {}
volumes:
  named: {}
`;
}
