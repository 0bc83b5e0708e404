#!/usr/bin/env bash
# Restores a backup of backup.sh, on this machine or on a new one. The database is restored beside the current one and
# replaces it only if that succeeds; the current one stays under another name. Flows are replaced. Secrets are taken
# from the backup only if this machine has none.
#
#   ./restore.sh FOLDER [--yes]
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=compose-command.sh
. "$here/compose-command.sh"

in_postgres() { compose exec -T postgres "$@"; }
sql() { in_postgres psql --username=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres; }

check_backup() {
  [ -d "$backup" ] || fail "There is no folder $backup."
  (cd "$backup" && sha256sum --check --quiet SHA256SUMS) || fail "The backup in $backup is damaged: nothing has been changed."
}

confirm() {
  [ "${1:-}" = --yes ] && return
  say "This replaces the database and the flows by those of $backup."
  local answer=
  read -rp 'Type "restore" to go on: ' answer || true
  [ "$answer" = restore ] || fail 'Nothing has been changed.'
}

restore_secrets() {
  if [ -e "$here/.env" ]; then
    say 'The secrets of this machine stay as they are.'
    return
  fi
  tar --extract --gzip --directory="$here" --file="$backup/secrets.tar.gz"
  # Makes files that a newer version needs and the backup does not have.
  "$here/make-secrets.sh"
}

wait_for_postgres() {
  local tries
  for tries in $(seq 60); do
    in_postgres pg_isready --quiet --host=127.0.0.1 --username=tpedm --dbname=tpedm && return
    [ "$tries" -lt 60 ] && sleep 2
  done
  fail 'PostgreSQL does not come up: docker compose logs postgres'
}

restore_database() {
  local old
  old=tpedm_before_$(date -u +%Y%m%dt%H%M%S)
  sql <<'SQL'
drop database if exists tpedm_restored with (force);
create database tpedm_restored owner tpedm;
revoke all on database tpedm_restored from public;
SQL
  # The device manager owns everything afterwards, whoever owned it before. Rights are granted again below.
  in_postgres pg_restore --username=postgres --dbname=tpedm_restored --role=tpedm --no-owner --no-privileges \
    --no-comments --exit-on-error --single-transaction <"$backup/database.dump"
  sql <<SQL
alter database tpedm allow_connections false;
select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tpedm' \\g /dev/null
alter database tpedm rename to $old;
alter database tpedm_restored rename to tpedm;
alter database $old allow_connections true;
SQL
  in_postgres env PGUSER=postgres PGDATABASE=tpedm /docker-entrypoint-initdb.d/20-emqx-role.sh
  say "The database that was here is kept as $old. When all is well, remove it:"
  say "  docker compose exec postgres dropdb --username=postgres $old"
}

restore_flows() {
  compose run --rm --no-deps -T node-red sh -c \
    'umask 077 && find /data -mindepth 1 -delete && tar --extract --gzip --directory=/data' <"$backup/node-red.tar.gz"
}

backup=${1:?Name the folder of a backup: ./restore.sh backups/tpedm-20260131T120000Z}
check_backup
confirm "${2:-}"
restore_secrets
compose up --detach postgres
wait_for_postgres
compose stop node-red
restore_database
restore_flows
compose up --detach --build
say "Restored from $backup."
