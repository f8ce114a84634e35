/** The smallest plan with one of everything that other tests change. Line numbers matter: tests name them. */
export const SMALL_PLAN = `version: 1
platform: shop
tiers: [data, web]
targets:
  db: { docker: db, tier: data, probes: [{ sql: SELECT 1, user: shop, password: "\${env:PW}" }] }
  cache: { docker: cache, tier: data, probes: [{ redis: PING }] }
  api:
    docker: api
    tier: web
    probes: [{ http: /health, port: 3000 }]
  nginx: { docker: nginx }
  conf: { files: /etc/shop, used-by: [nginx] }
  db-data: { docker-volume: db-data, together: money, count: { sql: select count(*) from t, target: db } }
  log-data: { docker-volume: log-data, together: money, count: { lines: journal.log } }
gates:
  door: { docker: nginx, observe: { http: "http://127.0.0.1:8080/health" } }
verify:
  front-door: [{ http: "http://127.0.0.1:8080/health" }]
`;

/** The plan with `from` replaced by `to`, which must stand in it once. */
export function changed(from: string, to: string): string {
  if (SMALL_PLAN.split(from).length !== 2) throw new Error(`${JSON.stringify(from)} must stand once in the small plan`);
  return SMALL_PLAN.replace(from, () => to);
}
