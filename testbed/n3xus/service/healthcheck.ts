import { get } from 'node:http';
import { getService } from './directory.ts';
import { getEnv } from './role.ts';

/** What the engine runs inside the container: exit 0 when `/health` is 200. */
const { port } = getService(getEnv('SERVICE'));
get({ port, path: '/health', timeout: 3000 }, answer => process.exit(answer.statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
