#!/usr/bin/env bash
# Backs the stack up while it runs: the database, Node-RED's data folder (flows, their credentials, sessions), and the
# secrets. Makes a new folder below FOLDER, which is backups/ beside this script when left out, and prints its name.
#
#   ./backup.sh [FOLDER]
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=compose-command.sh
. "$here/compose-command.sh"

[ -e "$here/.env" ] || fail "There is no $here/.env: nothing has been set up here."
folder=${1:-$here/backups}
target=$folder/tpedm-$(date -u +%Y%m%dT%H%M%SZ)
partial=$target.partial
mkdir -p "$partial"
trap 'rm -rf "$partial"' EXIT

compose exec -T postgres pg_dump --username=postgres --format=custom tpedm >"$partial/database.dump"
# That it can be read again. (Not grep -q, which leaves before pg_restore has ended.)
compose exec -T postgres pg_restore --list <"$partial/database.dump" | grep 'TABLE DATA.* clientid_profile ' >/dev/null ||
  fail 'The backup of the database has no gateways in it: look at what PostgreSQL said above.'

# tar ends with 1 when a file changed while it was read; Node-RED writes some all the time, each of them whole.
compose run --rm --no-deps -T node-red sh -c 'tar --create --gzip --directory=/data . || [ $? -eq 1 ]' \
  >"$partial/node-red.tar.gz"
tar --create --gzip --directory="$here" --file="$partial/secrets.tar.gz" .env generated

(cd "$partial" && sha256sum database.dump node-red.tar.gz secrets.tar.gz >SHA256SUMS)
mv "$partial" "$target"
printf '%s\n' "$target"
