/** What every script needs: which faults it is told to have, and which version it says it is. */
export const LIBRARY = `# FAULT is of the container's own settings; the file is of the world around it, and may change while it runs. There
# \`v1:loop\` is a fault of release v1 alone.
fault() {
  case " $FAULT $(cat /etc/small/control/$SERVICE 2>/dev/null) " in *" $1 "* | *" v$VERSION:$1 "*) return 0 ;; esac
  return 1
}
version() {
  if fault wrong-version; then echo v0; else echo "v$VERSION"; fi
}
`;

/**
 * The container's process. Faults: \`no-start\` exits with 1 at once, \`no-listen\` never listens, \`loop\` exits with 1
 * after a moment, \`ignore-term\` ends by SIGKILL alone, \`slow-term\` takes 8 s to end when it is told to.
 */
export const SERVE = `#!/bin/sh
. /lib/small.sh
if fault no-start; then exit 1; fi
trap 'fault slow-term && sleep 8; fault ignore-term || exit 0' TERM
if fault no-listen; then sleep 100000 & else httpd -f -p 8080 -h /www & fi
if fault loop; then sleep 1; exit 1; fi
while :; do wait; sleep 0.2; done
`;

/** Who it is and that it is well: JSON. */
export const HEALTH = `#!/bin/sh
. /lib/small.sh
printf 'Content-Type: application/json\\r\\n\\r\\n{"status":"ok","service":"%s","version":"%s"}\\n' "$SERVICE" "$(version)"
`;

/**
 * One question, handed on to everyone in CALLS, one after the other: \`read\`, or \`write=<id>\`, which whoever has a
 * journal appends before anybody answers. Answered with all who took part, \`front@v1,conf@v1,store@v1\`. Fault:
 * \`no-answer\`, though it is as well as ever.
 */
export const ASK = `#!/bin/sh
. /lib/small.sh
if fault no-answer; then
  printf 'Status: 503 Service Unavailable\\r\\nContent-Type: text/plain\\r\\n\\r\\n%s is told not to answer\\n' "$SERVICE"
  exit 0
fi
me="$SERVICE@$(version)"
if [ -f /etc/small/conf/version ]; then me="$me,conf@$(cat /etc/small/conf/version)"; fi
for one in $CALLS; do
  part=$(wget -q -O - "http://$one:8080/cgi-bin/ask?$QUERY_STRING") || {
    printf 'Status: 502 Bad Gateway\\r\\nContent-Type: text/plain\\r\\n\\r\\n%s does not answer\\n' "$one"
    exit 0
  }
  me="$me,$part"
done
case "$QUERY_STRING" in
write=*) if [ -d /data ] && [ -n "$JOURNAL" ]; then echo "\${QUERY_STRING#write=}" >> "$JOURNAL" || exit 1; fi ;;
esac
printf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' "$me"
`;
