import type Docker from 'dockerode';

type Request = Docker.ContainerCreateOptions;

/**
 * The Docker Compose file (format 2.4, as JSON, which is YAML) that makes the same containers as these requests. The
 * network and the volumes stand already.
 * @throws Error on a setting that it does not know how to say, so that none is lost unseen
 */
export function composeFile(requests: readonly Request[], network: string): object {
  const volumes = new Set<string>();
  const services = Object.fromEntries(requests.map(request => [request.name!, serviceOf(request, network, volumes)]));
  const external = (names: Iterable<string>) => Object.fromEntries([...names].map(name => [name, { external: true }]));
  return { version: '2.4', services, networks: external([network]), volumes: external(volumes) };
}

function serviceOf(request: Request, network: string, volumes: Set<string>): object {
  const { name, Image, Hostname, Env, Labels, ExposedPorts, Healthcheck, StopSignal, StopTimeout, ...rest } = request;
  const { HostConfig = {}, NetworkingConfig, ...unknown } = rest;
  const { NetworkMode, RestartPolicy, Memory, PidsLimit, Ulimits, SecurityOpt, LogConfig, ...more } = HostConfig;
  const { CapDrop, ReadonlyRootfs, Tmpfs, Binds, Mounts, ShmSize, Sysctls, PortBindings, ...strange } = more;
  const left = [...Object.keys(unknown), ...Object.keys(strange)];
  if (left.length > 0) throw new Error(`${name}: ${left.join(', ')}: the compose file does not say it yet`);
  if (NetworkMode !== network) throw new Error(`${name}: network ${network} expected, ${NetworkMode} found`);
  for (const bind of Binds ?? []) if (!bind.startsWith('/')) volumes.add(bind.split(':')[0]!);
  for (const mount of Mounts ?? []) volumes.add(mount.Source);
  const endpoint = NetworkingConfig?.EndpointsConfig?.[network];
  return whole({
    container_name: name,
    image: Image,
    hostname: Hostname,
    environment: Env,
    labels: ownLabels(Labels),
    expose: ExposedPorts && Object.keys(ExposedPorts).map(port => port.split('/')[0]),
    healthcheck: Healthcheck && healthcheckOf(Healthcheck),
    stop_signal: StopSignal,
    stop_grace_period: StopTimeout === undefined ? undefined : `${StopTimeout}s`,
    restart: RestartPolicy?.Name,
    mem_limit: Memory,
    pids_limit: PidsLimit,
    ulimits: Ulimits && Object.fromEntries(Ulimits.map(({ Name, Soft, Hard }) => [Name, { soft: Soft, hard: Hard }])),
    security_opt: SecurityOpt,
    logging: LogConfig && { driver: LogConfig.Type, options: LogConfig.Config },
    cap_drop: CapDrop,
    read_only: ReadonlyRootfs,
    tmpfs: Tmpfs && Object.entries(Tmpfs).map(([path, options]) => (options === '' ? path : `${path}:${options}`)),
    volumes: [
      ...(Binds ?? []),
      ...(Mounts ?? []).map(({ Type, Source, Target }) => ({ type: Type, source: Source, target: Target })),
    ],
    shm_size: ShmSize,
    sysctls: Sysctls,
    ports: Object.entries((PortBindings ?? {}) as Record<string, { HostIp: string; HostPort: string }[]>).flatMap(
      ([port, bindings]) => bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${port.split('/')[0]}`),
    ),
    networks: { [network]: whole({ aliases: endpoint?.Aliases, ipv4_address: endpoint?.IPAMConfig?.IPv4Address }) },
  });
}

/** Compose sets its own by itself. */
const ownLabels = (labels: Request['Labels']): Record<string, string> =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !name.startsWith('com.docker.compose.')));

const SECOND = 1_000_000_000;
const healthcheckOf = ({ Test, Interval, Timeout, StartPeriod, Retries }: NonNullable<Request['Healthcheck']>) =>
  whole({
    test: Test,
    interval: span(Interval),
    timeout: span(Timeout),
    start_period: span(StartPeriod),
    retries: Retries,
  });
const span = (nanoseconds: number | undefined): string | undefined =>
  nanoseconds === undefined ? undefined : `${nanoseconds / SECOND}s`;

/** Without what is undefined or empty. Compose reads a single `$` as a variable's. */
const whole = (object: Record<string, unknown>): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(object, (_, value) => {
      if (typeof value === 'string') return value.replaceAll('$', '$$$$');
      return Array.isArray(value) && value.length === 0 ? undefined : value;
    }),
  );
