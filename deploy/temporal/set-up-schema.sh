#!/bin/sh
# Makes the two databases and brings their schema to this image's version. Safe to repeat, and so is an upgrade of the
# image: what is there already is left, what is missing is added.
set -eu
SQL_PASSWORD="$(cat "$DATABASE_PASSWORD_FILE")"
export SQL_PASSWORD

sql() {
  temporal-sql-tool --plugin postgres12 --endpoint "$DATABASE_HOST" --port "$DATABASE_PORT" --user "$DATABASE_USER" "$@"
}

# The schema itself is inside the tool: --schema-name takes it from there.
for pair in temporal:temporal temporal_visibility:visibility; do
  database="${pair%%:*}"
  schema="postgresql/v12/${pair##*:}"
  echo "database $database: make it, then bring it to the schema of this image"
  sql --database "$database" create-database
  sql --database "$database" setup-schema --version 0.0
  sql --database "$database" update-schema --schema-name "$schema"
done
echo 'schema is ready'
