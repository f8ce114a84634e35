import Docker from 'dockerode';

/**
 * A client of the engine that DOCKER_HOST would name.
 * @param socket `unix:///path` or `tcp://host:port`; TLS as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say
 * @throws Error for another scheme
 */
export function connectTo(socket: string, timeout?: number): Docker {
  const limit = timeout === undefined ? {} : { timeout };
  if (socket.startsWith('unix://')) return new Docker({ socketPath: socket.slice('unix://'.length), ...limit });
  const url = /^tcp:\/\/(.+):(\d+)\/?$/.exec(socket);
  if (url === null) throw new Error(`${socket}: expected unix:///path or tcp://host:port`);
  // Without options dockerode reads DOCKER_HOST and its TLS settings itself.
  if (socket === process.env['DOCKER_HOST']) return new Docker(timeout === undefined ? undefined : { timeout });
  return new Docker({ host: url[1] as string, port: Number(url[2]), protocol: 'http', ...limit });
}
