import { refuses } from './refuses.ts';
import { changed, SMALL_PLAN } from './small-plan.ts';

/** What reads well and cannot be done: the change, and every fault line it must give, less the file's name. */
refuses([
  [
    'a container without a tier',
    changed('    tier: web\n', ''),
    '7:3: targets.api: no tier, expected one of data, web: without one nothing starts or stops it',
  ],
  [
    'a tier on the container of a gate',
    changed('docker: nginx }\n', 'docker: nginx, tier: web }\n'),
    '11:27: targets.nginx.tier: the container of gate door, expected no tier: thaw starts it',
  ],
  [
    'probes on the container of a gate',
    changed('docker: nginx }\n', 'docker: nginx, probes: [{ tcp: 80 }] }\n'),
    '11:27: targets.nginx.probes: the container of gate door, expected no probes: it is shut while probes are asked, and verify.front-door judges it',
  ],
  [
    'probes on files',
    changed('used-by: [nginx]', 'probes: [{ tcp: 80 }]'),
    '12:29: targets.conf.probes: a files target cannot be probed, expected no probes',
  ],
  [
    'a tier on a volume',
    changed('{ docker-volume: log-data,', '{ docker-volume: log-data, tier: data,'),
    '14:40: targets.log-data.tier: a docker-volume target cannot be started or stopped, expected no tier',
  ],
  [
    'data on a container',
    changed('{ docker: cache,', '{ docker: cache, data: keep,'),
    '6:27: targets.cache.data: a docker target cannot be captured, expected no data',
  ],
  [
    'data: restore without a count',
    changed('together: money, count: { lines: journal.log }', 'data: restore'),
    '14:46: targets.log-data.data: restore without a count of rows, expected count beside it: without it nobody can tell what would be lost',
  ],
  [
    'stores together with different choices',
    changed('docker-volume: log-data,', 'docker-volume: log-data, data: restore,'),
    '14:46: targets.log-data.data: restore together with db-data, expected keep as there: one point or none',
  ],
  [
    'a store left alone by a slip',
    changed('log-data, together: money', 'log-data, together: monye'),
    '13:48: targets.db-data.together: no other store is together with "money", expected one, did you mean monye?',
    '14:50: targets.log-data.together: no other store is together with "monye", expected one, did you mean money?',
  ],
  [
    'a count by what is no database',
    changed('target: db }', 'target: log-data }'),
    '13:101: targets.db-data.count.target: a docker-volume target, expected the container of a database',
  ],
  [
    'a count without a login',
    changed('target: db }', 'target: cache }'),
    '13:55: targets.db-data.count: no user, expected one here or in an SQL probe of target cache',
  ],
  [
    'a target time above its maximum',
    `${SMALL_PLAN}budgets: { stop: { target: 5m, max: 2m } }\n`,
    '19:28: budgets.stop.target: 5m, expected at most budgets.stop.max (2m)',
  ],
  [
    'a window that its budget cannot hold',
    `${SMALL_PLAN}  window: 30s\nbudgets: { verify: { target: 5s, max: 20s } }\n`,
    '19:11: verify.window: 30s, expected less than budgets.verify.max (20s)',
  ],
  [
    'a window that the default budget cannot hold',
    `${SMALL_PLAN}  window: 10m\n`,
    '19:11: verify.window: 10m, expected less than budgets.verify.max (5m)',
  ],
  [
    'aftercare that looks later than it ends',
    `${SMALL_PLAN}aftercare: { for: 5m, every: 10m }\n`,
    '19:30: aftercare.every: 10m, expected at most aftercare.for (5m)',
  ],
]);
