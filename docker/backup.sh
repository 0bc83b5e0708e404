#!/usr/bin/env bash
# Backs up the stack while it runs: the database, Node-RED's data folder (flows, their credentials, sessions), and the
# secrets. Makes a new folder below FOLDER (default: backups/ beside this script), and prints its name.
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
# Checks that the backup can be read. (grep -q would exit before pg_restore has ended.)
compose exec -T postgres pg_restore --list <"$partial/database.dump" | grep 'TABLE DATA.* clientid_profile ' >/dev/null ||
  fail 'The backup of the database has no gateways in it: look at what PostgreSQL said above.'

# tar exits with 1 if a file changed while it was read. Node-RED writes files all the time, but always replaces whole
# files.
compose run --rm --no-deps -T node-red sh -c 'tar --create --gzip --directory=/data . || [ $? -eq 1 ]' \
  >"$partial/node-red.tar.gz"
tar --create --gzip --directory="$here" --file="$partial/secrets.tar.gz" .env generated

(cd "$partial" && sha256sum database.dump node-red.tar.gz secrets.tar.gz >SHA256SUMS)
mv "$partial" "$target"
printf '%s\n' "$target"
