# shellcheck shell=bash
# Sourced by the scripts beside it: `compose` is Docker Compose on the stack of this folder, whichever of the two there is.

: "${here:?The script that reads this sets it to its own folder}"

compose() {
  if docker compose version >/dev/null 2>&1; then
    (cd "$here" && docker compose "$@")
  else
    # The old program builds as the new one does only when told.
    (cd "$here" && DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1 docker-compose "$@")
  fi
}

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# The value in .env, empty where there is none.
value_of() { [ ! -e "$here/.env" ] || sed -n "s/^$1=//p" "$here/.env" | tail -n 1; }
