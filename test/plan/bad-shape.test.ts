import { refuses } from './refuses.ts';
import { changed, SMALL_PLAN } from './small-plan.ts';

/** What does not read as a plan: the change, and every fault line it must give, less the file's name. */
refuses([
  ['an empty file', '', '1:1: nothing, expected a mapping'],
  ['a list instead of a mapping', '- 1\n', '1:1: a list, expected a mapping'],
  [
    'a misspelt key at the top, at its own column',
    `${SMALL_PLAN}budgetts: {}\n`,
    '19:1: budgetts: unknown key, expected one of version, platform, hosts, tiers, targets, gates, release, snapshots, budgets, verify, policy, on-failure, after-revert, channels, escalation, aftercare, accept, did you mean budgets?',
  ],
  [
    'a misspelt key of a target, at its own column',
    changed('    probes: [{ http', '    probs: [{ http'),
    '10:5: targets.api.probs: unknown key, expected one of docker, host, tier, probes, stop, ignore-changes, accept-changes, did you mean probes?',
  ],
  [
    'a misspelt kind',
    changed('{ docker: cache', '{ dokcer: cache'),
    '6:12: targets.cache.dokcer: unknown key, expected one of docker, docker-volume, files, did you mean docker?',
  ],
  [
    'a target of no kind',
    changed('{ docker: nginx }', '{}'),
    '11:10: targets.nginx: says nothing of its kind, expected one of docker, docker-volume, files',
  ],
  [
    'a target of two kinds',
    changed('{ files: /etc/shop,', '{ files: /etc/shop, docker: x,'),
    '12:18: targets.conf.files: docker and files together, expected one of docker, docker-volume, files',
  ],
  [
    'a target that is no mapping',
    changed('{ docker: nginx }', 'nginx'),
    '11:10: targets.nginx: "nginx", expected a mapping with one of docker, docker-volume, files',
  ],
  [
    'a key that is also the name of a method',
    `${SMALL_PLAN}constructor: { a: 1 }\n`,
    '19:1: constructor: unknown key, expected one of version, platform, hosts, tiers, targets, gates, release, snapshots, budgets, verify, policy, on-failure, after-revert, channels, escalation, aftercare, accept',
  ],
  [
    'a merge key',
    changed('{ docker: nginx }', '{ docker: nginx, <<: { host: main } }'),
    '11:27: targets.nginx."<<": unknown key, expected one of docker, host, tier, probes, stop, ignore-changes, accept-changes',
  ],
  [
    'sections left empty, all at once',
    'version: 1\nplatform: a\ntiers: [a]\ntargets:\ngates: {}\nverify: { front-door: [] }\n',
    '4:9: targets: nothing, expected a mapping',
    '5:8: gates: empty, expected at least one gate',
    '6:23: verify.front-door: too few, expected at least 1',
  ],
  ['a version that it does not know', changed('version: 1', 'version: 2'), '1:10: version: 2, expected 1'],
  [
    'a name with other letters',
    changed('  api:\n', '  Api!:\n'),
    '7:3: targets."Api!": "Api!", expected 1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends',
  ],
  [
    'a choice that is none',
    changed('docker-volume: log-data,', 'docker-volume: log-data, data: kep,'),
    '14:46: targets.log-data.data: "kep", expected one of keep, restore, did you mean keep?',
  ],
  [
    'a duration of two words',
    `${SMALL_PLAN}aftercare: { for: 30 s }\n`,
    '19:19: aftercare.for: "30 s", expected a duration of at most a year, a whole number and ms, s, m, h or d, as 30s or 15m',
  ],
  [
    'a duration without a unit',
    `${SMALL_PLAN}aftercare: { for: 30 }\n`,
    '19:19: aftercare.for: 30, expected a duration of at most a year, a whole number and ms, s, m, h or d, as 30s or 15m',
  ],
  [
    'an interval of nothing',
    `${SMALL_PLAN}aftercare: { every: 0s }\n`,
    '19:21: aftercare.every: "0s", expected a duration of at most a year, a whole number and ms, s, m, h or d, as 30s or 15m, and more than none',
  ],
  [
    'a port that is missing',
    changed('{ http: /health, port: 3000 }', '{ http: /health }'),
    '10:14: targets.api.probes[0].port: missing, expected a port, 1 to 65535',
  ],
  [
    'a port out of range',
    changed('port: 3000', 'port: 70000'),
    '10:37: targets.api.probes[0].port: 70000, expected a port, 1 to 65535',
  ],
  [
    'a port that is text',
    changed('port: 3000', 'port: "3000"'),
    '10:37: targets.api.probes[0].port: "3000", expected a port, 1 to 65535',
  ],
  [
    'a whole URL where the port is a key',
    changed('{ http: /health, port', '{ http: "http://api:3000/health", port'),
    '10:22: targets.api.probes[0].http: no path, expected a path, as /health: the port is a key of its own',
  ],
  [
    'a JSON pointer without its slash',
    changed('port: 3000', 'port: 3000, json: { status: ok }'),
    '10:51: targets.api.probes[0].json.status: "status", expected a JSON pointer, as /status',
  ],
  [
    'a list where one JSON value must stand',
    changed('port: 3000', 'port: 3000, json: { /status: [ok] }'),
    '10:60: targets.api.probes[0].json."/status": a list, expected text, a number, true, false or null',
  ],
  [
    'a path that climbs',
    changed('/etc/shop', '/etc/../shop'),
    '12:18: targets.conf.files: "/etc/../shop", expected an absolute path without ..',
  ],
  [
    'a control character',
    changed('/etc/shop', '"/etc/\\e[2Jshop"'),
    '12:18: targets.conf.files: control character, expected printable text',
  ],
  [
    'a literal password, without showing it',
    changed(`"\${env:PW}"`, 'hunter2'),
    `5:81: targets.db.probes[0].password: no reference, expected a reference, as "\${file:/run/secrets/name}" or "\${env:NAME}": a plan holds no secret`,
  ],
  [
    'a literal bearer, without showing it',
    changed('port: 3000', 'port: 3000, bearer: hunter2'),
    `10:51: targets.api.probes[0].bearer: no reference, expected a reference, as "\${file:/run/secrets/name}" or "\${env:NAME}": a plan holds no secret`,
  ],
  [
    'a literal webhook secret, without showing it',
    `${SMALL_PLAN}channels: { a: { webhook: "http://pager/", secret: hunter2 } }\n`,
    `19:52: channels.a.secret: no reference, expected a reference, as "\${file:/run/secrets/name}" or "\${env:NAME}": a plan holds no secret`,
  ],
  [
    'an address with a login, without showing it',
    `${changed('  front-door: [{ http: "http://127.0.0.1:8080/health" }]', '  front-door: [{ http: "http://me:hunter2@127.0.0.1/" }]')}`,
    '18:24: verify.front-door[0].http: no URL, expected a URL, as http://127.0.0.1:8080/health: http or https, with a host and without a login',
  ],
  [
    'an engine address with a login, without showing it',
    `${SMALL_PLAN}hosts: { main: { docker: "tcp://me:hunter2@host:2375" } }\n`,
    '19:26: hosts.main.docker: no engine address, expected an engine address, as unix:///var/run/docker.sock',
  ],
  [
    'an address that is neither http nor https',
    changed('observe: { http: "http://', 'observe: { http: "ftp://'),
    '16:43: gates.door.observe.http: no URL, expected a URL, as http://127.0.0.1:8080/health: http or https, with a host and without a login',
  ],
  [
    'a reference without quotes, and says so',
    changed(`"\${env:PW}"`, `\${env:PW}`),
    `5:82: not YAML, expected plain mappings, lists and values, did you mean to quote "\${…}"?`,
  ],
  ['a tab', 'version: 1\n\tplatform: x\n', '2:1: indented with a tab, expected spaces'],
  ['a second document', `${SMALL_PLAN}---\nversion: 1\n`, '19:1: second document, expected one plan a file'],
  [
    'a tag',
    changed('{ docker: nginx }', '!!js/function x'),
    '11:10: unknown tag, expected plain mappings, lists and values',
  ],
  [
    'an anchor',
    changed('{ docker: nginx }', '&a { docker: nginx }'),
    '11:13: targets.nginx: anchor or alias, expected the value written out',
  ],
  [
    'aliases, however few',
    'a: &a [x, x]\nb: [*a, *a]\n',
    '1:7: a: anchor or alias, expected the value written out',
    '2:5: b[0]: anchor or alias, expected the value written out',
    '2:9: b[1]: anchor or alias, expected the value written out',
  ],
  [
    'a file that is nested too deep',
    `a: ${'['.repeat(30)}${']'.repeat(30)}\n`,
    '1:23: a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested too deep, expected at most 20 levels',
  ],
  ['a file above 1 MB', `${SMALL_PLAN}# ${'x'.repeat(1_048_576)}\n`, '1:1: 1049295 bytes, expected at most 1048576'],
]);
