#!/bin/sh
# Starts the server with the database's password read from its file: the server itself takes it from the environment only.
set -eu
POSTGRES_PWD="$(cat "$DATABASE_PASSWORD_FILE")"
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
