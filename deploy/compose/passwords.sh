#!/bin/sh
# Runs after init.sql, once, when PostgreSQL's volume is new: the passwords of the two roles that it has made.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set catalog="$CATALOG_PASSWORD" --set airflow="$AIRFLOW_DB_PASSWORD" <<'SQL'
ALTER ROLE iceberg PASSWORD :'catalog';
ALTER ROLE airflow PASSWORD :'airflow';
SQL
