# shellcheck shell=bash
# Sourced by the scripts beside it. `compose` runs Docker Compose on the stack of this folder, as plugin or as the older
# program, whichever is installed.

: "${here:?The script that reads this sets it to its own folder}"

compose() {
  if docker compose version >/dev/null 2>&1; then
    (cd "$here" && docker compose "$@")
  else
    # The older program uses BuildKit only with these variables.
    (cd "$here" && DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1 docker-compose "$@")
  fi
}

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Prints the value of a name in .env; prints nothing if it is missing.
value_of() { [ ! -e "$here/.env" ] || sed -n "s/^$1=//p" "$here/.env" | tail -n 1; }
