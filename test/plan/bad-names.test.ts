import { refuses } from './refuses.ts';
import { changed, SMALL_PLAN } from './small-plan.ts';

/** Names that stand for nothing, or for two things: the change, and every fault line it must give, less the file's name. */
refuses([
  ['a key given twice', changed('  cache: {', '  db: {'), '6:3: targets.db: key given twice, expected once'],
  [
    'a tier that is not in the list',
    changed('tier: web', 'tier: wbe'),
    '9:11: targets.api.tier: unknown tier "wbe", expected one of data, web, did you mean web?',
  ],
  [
    'a reader that is no target',
    changed('[nginx]', '[ngnix]'),
    '12:39: targets.conf.used-by[0]: unknown target "ngnix", expected one of db, cache, api, nginx, conf, db-data, log-data, did you mean nginx?',
  ],
  [
    'a count by a target that is none',
    changed('target: db }', 'target: dbs }'),
    '13:101: targets.db-data.count.target: unknown target "dbs", expected one of db, cache, api, nginx, conf, db-data, log-data, did you mean db?',
  ],
  [
    'a host that is none',
    changed('docker: nginx }', 'docker: nginx, host: mian }'),
    '11:33: targets.nginx.host: unknown host "mian", expected main, did you mean main?',
  ],
  ['a second host', `${SMALL_PLAN}hosts: { a: {}, b: {} }\n`, '19:8: hosts: not one host, expected exactly one'],
  [
    'a channel that is none',
    `${SMALL_PLAN}channels: { oncall: { log: true } }\nescalation: [{ level: 1, tell: [onkall], acknowledge-within: 5m }]\n`,
    '20:33: escalation[0].tell[0]: unknown channel "onkall", expected oncall, did you mean oncall?',
  ],
  [
    'levels out of order',
    `${SMALL_PLAN}escalation: [{ level: 2, tell: [log], acknowledge-within: 5m }]\n`,
    '19:23: escalation[0].level: 2, expected 1: levels in order',
  ],
  [
    'a container that two targets name',
    changed('{ docker: cache', '{ docker: db'),
    '6:20: targets.cache.docker: container "db" is target db already, expected it once',
  ],
  [
    'a container that two gates name',
    changed('gates:\n', 'gates:\n  back: { docker: nginx, observe: { http: "http://127.0.0.1:8081/" } }\n'),
    '17:19: gates.door.docker: gate container "nginx" is gate back already, expected it once',
  ],
  [
    'a tier given twice',
    changed('[data, web]', '[data, web, data]'),
    '3:20: tiers[2]: tier "data" is tiers[0] already, expected it once',
  ],
  [
    'a container named as what a run sets aside',
    changed('{ docker: cache', '{ docker: cache.lg-prev-x'),
    '6:20: targets.cache.docker: "cache.lg-prev-x", expected the name of a container as its engine knows it, without ".lg-"',
  ],
  [
    "several faults at once, in the file's order",
    `${changed('tier: web', 'tier: wbe').replace('[nginx]', '[ngnix]').replace('PING', 'PNG')}snapshots: { every: 15m }\n`,
    '6:57: targets.cache.probes[0].redis: "PNG", expected PING, did you mean PING?',
    '9:11: targets.api.tier: unknown tier "wbe", expected one of data, web, did you mean web?',
    '12:39: targets.conf.used-by[0]: unknown target "ngnix", expected one of db, cache, api, nginx, conf, db-data, log-data, did you mean nginx?',
    '19:14: snapshots.every: unknown key, expected store',
  ],
]);
