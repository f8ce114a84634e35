#!/bin/sh
# Makes the namespace and the search attributes that lastgood writes. Safe to repeat.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are read by the temporal command itself.
set -eu

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "the server at $TEMPORAL_ADDRESS was not healthy within two minutes" >&2
    exit 1
  fi
  sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  echo "namespace $TEMPORAL_NAMESPACE is there"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$NAMESPACE_RETENTION" \
    --description 'lastgood: rollbacks of running platforms'
fi

# A namespace that was just made is known to every part of the server some seconds later.
tries=0
until attributes="$(temporal operator search-attribute list 2>/dev/null)"; do
  tries=$((tries + 1))
  if [ "$tries" -ge 30 ]; then
    echo "the search attributes of namespace $TEMPORAL_NAMESPACE cannot be listed:" >&2
    temporal operator search-attribute list
    exit 1
  fi
  sleep 2
done

for pair in LastgoodPlatform:Keyword LastgoodPhase:Keyword LastgoodMode:Keyword LastgoodSeverity:Keyword \
  LastgoodOutcome:Keyword LastgoodRelease:Keyword LastgoodRunHash:Keyword LastgoodDrill:Bool; do
  name="${pair%%:*}"
  case "$attributes" in
    *"$name "*) echo "search attribute $name is there" ;;
    *) temporal operator search-attribute create --name "$name" --type "${pair##*:}" ;;
  esac
done
echo 'namespace is ready'
