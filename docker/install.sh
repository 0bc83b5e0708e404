#!/usr/bin/env bash
# Sets up the device manager on Debian or Ubuntu, with Docker. Safe to run again: it continues an unfinished
# installation, and after an update of this checkout it builds and starts the new version. Run it as root.
#
#   ./install.sh [--with-docker] [--plain-mqtt] [NAME...]   installs or updates
#   ./install.sh --status                                   shows whether each service is healthy
#   ./install.sh --uninstall [--purge-data]                 uninstalls; removes data only with --purge-data and after asking
#
# NAME is a name of this machine for browsers and gateways: a host name or an IP address. The certificate is made for
# all names. --with-docker installs Docker from the packages of the system if it is missing; --plain-mqtt also opens
# port 1883; --dry-run only prints what would be done.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=compose-command.sh
. "$here/compose-command.sh"

services=(postgres node-red emqx nginx)
health_seconds=600
dry_run=no

usage() { sed -n '2,/^set -/p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//'; }

run() {
  if [ "$dry_run" = yes ]; then
    printf 'would run: %s\n' "$*"
  else
    "$@"
  fi
}

# Stops with the message, but in a dry run only prints it.
must() {
  if [ "$dry_run" = yes ]; then say "$1"; else fail "$1"; fi
}

check_system() {
  [ "$(id -u)" -eq 0 ] || must 'Run this as root: sudo ./install.sh'
  local id=unknown id_like=
  if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && printf '%s' "$ID")
    # shellcheck source=/dev/null
    id_like=$(. /etc/os-release && printf '%s' "${ID_LIKE:-}")
  fi
  case " $id $id_like " in
    *' debian '* | *' ubuntu '*) ;;
    *) must "This system is \"$id\", not Debian or Ubuntu: install Docker by hand, then run ./make-secrets.sh and docker compose up --detach --build." ;;
  esac
  command -v openssl >/dev/null || run apt-get install --yes openssl
}

has_compose() { docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null; }

# The package has different names in Debian and Ubuntu, and older releases have only the older program.
compose_package() {
  local package
  for package in docker-compose-v2 docker-compose-plugin docker-compose; do
    apt-cache show "$package" >/dev/null 2>&1 && printf '%s' "$package" && return
  done
  printf docker-compose
}

check_docker() {
  if ! { command -v docker >/dev/null && has_compose; }; then
    if [ "$with_docker" = yes ]; then
      run apt-get update
      run apt-get install --yes docker.io "$(compose_package)"
    else
      must "Docker with Compose is missing. Let this script install the system's own: ./install.sh --with-docker. Or follow https://docs.docker.com/engine/install and run it again."
    fi
  fi
  [ "$dry_run" = yes ] || docker info >/dev/null 2>&1 || fail 'Docker does not run: systemctl enable --now docker'
}

choose_files() {
  [ "$plain_mqtt" = yes ] || return 0
  local files
  files=$(value_of COMPOSE_FILE)
  files=${files:-compose.yaml}
  case ":$files:" in
    *:compose.plain-mqtt.yaml:*) return 0 ;;
  esac
  if [ "$dry_run" = yes ]; then
    printf 'would set: COMPOSE_FILE=%s:compose.plain-mqtt.yaml\n' "$files"
  else
    sed -i '/^COMPOSE_FILE=/d' "$here/.env"
    printf 'COMPOSE_FILE=%s:compose.plain-mqtt.yaml\n' "$files" >>"$here/.env"
  fi
}

health_of() {
  local container
  container=$(compose ps -q "$1" 2>/dev/null)
  [ -n "$container" ] || return 0
  docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$container"
}

wait_for_health() {
  if [ "$dry_run" = yes ]; then
    printf 'would wait until these are healthy: %s\n' "${services[*]}"
    return
  fi
  local service end=$((SECONDS + health_seconds))
  for service in "${services[@]}"; do
    until [ "$(health_of "$service")" = healthy ]; do
      [ "$SECONDS" -lt "$end" ] || fail "$service does not get healthy. Its log: cd $here && docker compose logs $service"
      sleep 2
    done
    say "$service is healthy."
  done
}

print_address() {
  local names name shown=$here/generated/.password-shown
  names=$(value_of TPEDM_NAMES)
  name=${names%%,*}
  cat <<TEXT

  Dashboard   https://$name/dashboard
  Editor      https://$name/
  Gateways    $name:8883, MQTT over TLS; they trust the certificate $here/generated/certs/ca.crt
  Secrets     $here/.env
TEXT
  if [ ! -e "$shown" ]; then
    printf '\n  First start. This is not shown again:\n\n  User        admin\n  Password    %s\n' "$(value_of TPE_ADMIN_PASSWORD)"
    touch "$shown"
  fi
  printf '\n'
}

install_all() {
  check_system
  check_docker
  run "$here/make-secrets.sh" "${names[@]}"
  choose_files
  run compose build --pull
  run compose up --detach --remove-orphans
  wait_for_health
  [ "$dry_run" = yes ] || print_address
}

status() {
  local service health bad=0
  [ -e "$here/.env" ] || fail 'Nothing is installed here.'
  for service in "${services[@]}"; do
    health=$(health_of "$service")
    printf '%-10s %s\n' "$service" "${health:-not there}"
    [ "$health" = healthy ] || bad=1
  done
  return "$bad"
}

uninstall() {
  [ "$dry_run" = yes ] || [ -e "$here/.env" ] || fail 'Nothing is installed here.'
  [ "$purge" = yes ] && [ "$dry_run" = no ] && confirm_purge
  if [ "$purge" = yes ]; then
    run compose down --remove-orphans --rmi local --volumes
    run rm -rf "$here/generated" "$here/.env"
  else
    run compose down --remove-orphans --rmi local
    say "Gateways, flows and secrets are still there: ./install.sh starts again with them."
  fi
}

confirm_purge() {
  local answer=
  say 'This deletes all gateways, their credentials, all flows, the certificates and all secrets. Backups stay.'
  read -rp 'Type "delete all data" to go on: ' answer || true
  [ "$answer" = 'delete all data' ] || fail 'Nothing has been changed.'
}

what=install
with_docker=no
plain_mqtt=no
purge=no
names=()
for word in "$@"; do
  case $word in
    --with-docker) with_docker=yes ;;
    --plain-mqtt) plain_mqtt=yes ;;
    --status) what=status ;;
    --uninstall) what=uninstall ;;
    --purge-data) purge=yes ;;
    --dry-run) dry_run=yes ;;
    --help) what=help ;;
    -*) fail "$word is not known: ./install.sh --help" ;;
    *) names+=("$word") ;;
  esac
done
[ "$purge" = no ] || [ "$what" = uninstall ] || fail '--purge-data goes with --uninstall.'

case $what in
  install) install_all ;;
  status) status ;;
  uninstall) uninstall ;;
  help) usage ;;
esac
