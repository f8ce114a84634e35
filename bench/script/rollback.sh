#!/usr/bin/env bash
# The rollback runbook of N3XUS, phases 1 to 7, as a person would put it into one file. A line that differs from the
# runbook has the number of its mend, [1] to [15]; bench/README.md lists them with their reasons.
#
# BACKUP       where captures go                       NEXUS     what the runbook has under /var/nexus
# INGRESS      the ingress, from outside               COMPOSE   `docker compose`, or `docker-compose`
# TAR_IMAGE    an image with tar and gzip in it        PROBE_TOKEN  what auth-service knows
# HOLD         seconds that the platform must hold still before traffic is let in
set -euo pipefail # [1]

LAST_GOOD_TAG=$(cat "${NEXUS}/last-good-deployment.txt")
RELEASE="${NEXUS}/releases/${LAST_GOOD_TAG}"
compose() { ${COMPOSE} --project-name nexus --file "${RELEASE}/compose.json" "$@"; } # [2]
# [3] The name of a container means nothing outside its network: its address does.
at() { docker inspect --format '{{.NetworkSettings.Networks.nexus.IPAddress}}' "$1"; }
export -f at

TIER_0=(postgres redis streamcore puabo-api auth-service pv-keys puaboai-sdk)
TIER_1=(ledger-mgr wallet-ms token-mgr invoice-gen)
TIER_2=(license-service musicchain-ms puabomusicchain dsp-api content-management)
TIER_3=(streaming-service-v2 chat-stream-ms ott-api)
TIER_4=(avatar-ms world-engine-ms gamecore-ms casino-nexus-api rewards-ms skill-games-ms puabo-nexus-ai-dispatch)

### Phase 1: Freeze and Snapshot
echo "Freezing ingress..."
docker stop nginx # [4]

echo "Creating emergency snapshots..."
SNAPSHOT_ID=$(date +%s)
capture() { # [5]
  docker run --rm --label lastgood.testbed=n3xus -v "$1":/data -v "${BACKUP}":/backup "${TAR_IMAGE}" \
    tar czf "/backup/$2-${SNAPSHOT_ID}.tar.gz" /data || [ $? -eq 1 ] # [6]
}
capture postgres-data postgres
capture ledger-data ledger
capture wallet-data wallet
echo "Snapshots created: ${SNAPSHOT_ID}"

### Phase 2: Stop Tiers in Reverse Order
echo "Stopping Tier 4..."
compose stop "${TIER_4[@]}"
echo "Stopping Tier 3..."
compose stop "${TIER_3[@]}"
echo "Stopping Tier 2..."
compose stop "${TIER_2[@]}"
echo "Stopping Tier 1..."
compose stop "${TIER_1[@]}"
echo "All upper tiers stopped"

### Phase 3: Restore Last Known Good Images
# [7] No pull: the images are on the engine already, in all three.
echo "Verifying image integrity..."
while read -r image; do # [8]
  docker image inspect --format '{{.Id}}' "${image}"
done < "${RELEASE}/images.txt"
find "${NEXUS}/nginx" -mindepth 1 -delete # [9]
cp -a "${RELEASE}/nginx/." "${NEXUS}/nginx/"
echo "Images restored and verified"

### Phase 4: Restart Tier 0 Only
echo "Starting Tier 0 (Foundation)..."
compose up -d "${TIER_0[@]}"

echo "Waiting for Tier 0 health..."
timeout 60 bash << 'EOF'
while true; do
  if curl -sf "http://$(at puabo-api):3000/health" > /dev/null && \
     curl -sf "http://$(at auth-service):3001/health" > /dev/null; then
    echo "Tier 0 healthy"
    break
  fi
  echo "Waiting for health..."
  sleep 5
done
EOF
echo "Tier 0 operational"

### Phase 5: Validate Foundation
echo "Validating foundation layer..."
foundation() {
  docker exec postgres psql -U nexus -c "SELECT 1" || exit 1
  docker exec redis redis-cli ping | grep PONG || exit 1
  curl -sf -X POST "http://$(at auth-service):3001/auth/verify" -H "Authorization: Bearer ${PROBE_TOKEN}" || exit 1 # [10]
  curl -sf "http://$(at pv-keys):3002/keys/health" || exit 1
}
foundation
echo "Foundation validated"

# [11] The runbook never starts what it stopped in phase 2: each tier in order, then one wait for all of them.
echo "Starting Tier 1..."
compose up -d "${TIER_1[@]}"
echo "Starting Tier 2..."
compose up -d "${TIER_2[@]}"
echo "Starting Tier 3..."
compose up -d "${TIER_3[@]}"
echo "Starting Tier 4..."
compose up -d "${TIER_4[@]}"

echo "Waiting for Tiers 1 to 4 health..."
export UPPER="${TIER_1[*]} ${TIER_2[*]} ${TIER_3[*]} ${TIER_4[*]}"
upper() { for service in ${UPPER}; do curl -sf "http://$(at "${service}"):3000/health" > /dev/null || return 1; done; }
export -f upper
timeout 60 bash << 'EOF'
until upper; do
  echo "Waiting for health..."
  sleep 5
done
EOF

echo "Holding still..."
sleep "${HOLD}" # [12]
foundation
upper
echo "All tiers validated"

### Phase 6: Re-enable Ingress
echo "Re-enabling ingress..."
compose up -d nginx # [13]

timeout 30 bash << 'EOF'
while true; do
  if curl -sf "${INGRESS}/health" > /dev/null; then
    echo "Ingress healthy"
    break
  fi
  echo "Waiting for ingress..."
  sleep 3
done
EOF
echo "Ingress restored"

### Phase 7: Post-Rollback Verification
echo "Post-rollback verification..."
# [14] No verify-handshake.sh: there is none.
curl -sf "${INGRESS}/health" || exit 1
curl -sf "${INGRESS}/api/auth/health" || exit 1
docker ps --quiet --filter "health=unhealthy" | grep . && exit 1 # [15]
echo "Rollback complete and verified"
