import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANARY, type Release } from './releases.ts';
import { SERVICES } from './service/directory.ts';

/** Where the directory stands inside the container. */
export const NGINX_DIRECTORY = '/etc/nexus/nginx';
/** The port inside the container. */
export const NGINX_PORT = 8080;

/** Puts one release's whole configuration into `directory`, in place of what was there. */
export function writeNginxConfig(directory: string, release: Release): void {
  mkdirSync(join(directory), { recursive: true, mode: 0o755 });
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  mkdirSync(join(directory, 'sites'));
  writeFileSync(join(directory, 'nginx.conf'), main(release));
  writeFileSync(join(directory, 'sites', 'api.conf'), site(release));
  // Each release has a file that the other lacks, and a link.
  const own = release === 'v1' ? 'limits-classic.conf' : 'limits-dynamic.conf';
  writeFileSync(join(directory, own), `client_max_body_size ${release === 'v1' ? '64k' : '128k'};\n`);
  symlinkSync(own, join(directory, 'limits.conf'));
  writeFileSync(join(directory, 'edge-key.conf'), `proxy_set_header x-edge-key ${CANARY}-edge-${release};\n`, {
    mode: 0o600,
  });
}

const main = (release: Release) => `# N3XUS ingress, release ${release}
worker_processes 1;
pid /run/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  # Containers come back under new addresses: names are asked for again, not once at start.
  resolver 127.0.0.11 valid=1s ipv6=off;
  include /usr/share/nexus/image.conf;
  include limits.conf;
  include edge-key.conf;
  proxy_connect_timeout ${release === 'v1' ? '1s' : '2s'};
  proxy_read_timeout 6s;
  proxy_next_upstream off;
  keepalive_timeout 15s;
  client_body_temp_path /run/nginx-body;
  proxy_temp_path /run/nginx-proxy;
  fastcgi_temp_path /run/nginx-fastcgi;
  uwsgi_temp_path /run/nginx-uwsgi;
  scgi_temp_path /run/nginx-scgi;
  include sites/*.conf;
}
`;

const site = (release: Release) => `server {
  listen ${NGINX_PORT};
  server_name n3xuscos.online;
  add_header x-served-by "$nexus_image,nginx-conf@${release}" always;
${release === 'v2' ? '  add_header x-pricing dynamic always;\n' : ''}
  location = /health { set $to puabo-api:3000; proxy_pass http://$to; }
  location = /api/auth/health { set $to auth-service:3001; rewrite ^ /auth/health break; proxy_pass http://$to; }
  location = /api/keys/health { set $to pv-keys:3002; rewrite ^ /keys/health break; proxy_pass http://$to; }
  location /api/ { set $to puabo-api:3000; proxy_pass http://$to; }
${SERVICES.filter(({ role }) => role !== 'postgres' && role !== 'redis')
  .map(
    ({ name, port }) =>
      `  location = /status/${name} { set $to ${name}:${port}; rewrite ^ /health break; proxy_pass http://$to; }`,
  )
  .join('\n')}
}
`;
