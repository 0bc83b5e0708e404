#!/usr/bin/env bash
# Makes the secrets of the stack: passwords and tokens in .env, certificates and the files of EMQX and Node-RED in
# generated/. Safe to run again: existing secrets stay, missing ones are made, and the files are written again from .env
# and their templates. NAME is a name of this machine for browsers and gateways: a host name or an IP address.
#
#   ./make-secrets.sh [NAME...]
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
env_file=$here/.env
generated=$here/generated
# The user id inside all images that read these files.
container_user=1000
ca_days=3650
server_days=825
renew_before_seconds=$((30 * 24 * 3600))

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Prints the value of a name in .env; prints nothing if it is missing.
value_of() { sed -n "s/^$1=//p" "$env_file" | tail -n 1; }

set_if_missing() {
  [ -n "$(value_of "$1")" ] || printf '%s=%s\n' "$1" "$2" >>"$env_file"
}

replace_value() {
  [ "$(value_of "$1")" = "$2" ] && return
  { grep -v "^$1=" "$env_file" || true; printf '%s=%s\n' "$1" "$2"; } >"$env_file.new"
  mv "$env_file.new" "$env_file"
}

# Uses only letters and digits, which need no quotes in a URL, in HOCON, in a shell or in .env.
secret() { openssl rand -hex "${1:-24}"; }

make_env() {
  if [ ! -e "$env_file" ]; then
    printf '# Written by make-secrets.sh. Keep a copy in a safe place, and out of git.\n' >"$env_file"
  fi
  chmod 600 "$env_file"
  # Compose starts the names of containers and volumes with it.
  set_if_missing COMPOSE_PROJECT_NAME tpedm
  set_if_missing POSTGRES_PASSWORD "$(secret)"
  set_if_missing TPEDM_DB_PASSWORD "$(secret)"
  set_if_missing EMQX_DB_PASSWORD "$(secret)"
  set_if_missing EMQX_NODE_COOKIE "$(secret)"
  set_if_missing EMQX_DASHBOARD_PASSWORD "$(secret)"
  set_if_missing EMQX_API_KEY tpedm
  set_if_missing EMQX_API_SECRET "$(secret)"
  set_if_missing TPE_MQTT_PASSWORD "$(secret)"
  set_if_missing TPE_WEBHOOK_SECRET "$(secret)"
  set_if_missing TPE_ADMIN_PASSWORD "$(secret 12)"
  set_if_missing TPE_API_TOKEN "$(secret)"
  set_if_missing TPE_METRICS_TOKEN "$(secret)"
}

# Prints what replaces @NAME@ in a template: a value of .env, or one that follows from it.
in_template() {
  case $1 in
    # If events come over MQTT, the rules are off, because nobody would accept the webhooks.
    WEBHOOK_RULES) if [ "$(value_of TPE_EVENTS)" = mqtt ]; then printf false; else printf true; fi ;;
    *) value_of "$1" ;;
  esac
}

# Restricts the characters of values, because values that people edit in .env end up in files with different syntaxes.
check_values() {
  local name value
  while IFS='=' read -r name value; do
    [[ $name =~ (PASSWORD|SECRET|TOKEN|COOKIE|API_KEY)$ ]] || continue
    [[ $value =~ ^[A-Za-z0-9._~-]+$ ]] ||
      fail "$name in $env_file may have letters, digits and . _ ~ - in it, and nothing else. Change it and run this again."
  done <"$env_file"
  case $(value_of TPE_EVENTS) in
    '' | webhook | mqtt) ;;
    *) fail "TPE_EVENTS in $env_file is webhook or mqtt." ;;
  esac
}

names_of_this_machine() {
  printf '%s\n' "$(hostname -f 2>/dev/null || hostname)" localhost 127.0.0.1
  hostname -I 2>/dev/null | tr ' ' '\n' | grep -E '^[0-9.]+$' || true
}

names() { value_of TPEDM_NAMES | tr ',' ' '; }

choose_names() {
  local names
  if [ $# -gt 0 ]; then
    names=$*
  else
    names=$(names)
    names=${names:-$(names_of_this_machine | awk 'NF && !seen[$0]++' | paste -sd ' ')}
  fi
  local name
  for name in $names; do
    [[ $name =~ ^[A-Za-z0-9.:-]+$ ]] || fail "\"$name\" is no host name and no IP address."
  done
  replace_value TPEDM_NAMES "${names// /,}"
}

is_address() { [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ || $1 == *:* ]]; }

# Prints the names as a certificate lists them: DNS:name,IP:address
alternative_names() {
  local name list=()
  for name in $(names); do
    if is_address "$name"; then
      list+=("IP:$name")
    else
      list+=("DNS:$name")
    fi
  done
  (IFS=,; printf '%s' "${list[*]}")
}

make_ca() {
  mkdir -p "$generated/ca" "$generated/certs"
  [ -s "$generated/ca/ca.key" ] && [ -s "$generated/ca/ca.crt" ] && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$ca_days" -sha256 \
    -keyout "$generated/ca/ca.key" -out "$generated/ca/ca.crt" \
    -subj "/CN=TPEDM $(date -u +%Y-%m-%d) $(secret 4)" \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
  say "A certificate authority has been made: generated/ca. Gateways trust generated/certs/ca.crt."
}

is_ours() {
  openssl verify -partial_chain -no_check_time -CAfile "$generated/ca/ca.crt" "$1" >/dev/null 2>&1
}

# Whether the certificate can stay: it must be for the same names and must not expire soon.
is_current() {
  local name count=0
  for name in $(names); do
    count=$((count + 1))
    if is_address "$name"; then
      openssl x509 -in "$1" -noout -checkip "$name"
    else
      openssl x509 -in "$1" -noout -checkhost "$name"
    fi | grep 'does match' >/dev/null || return 1
  done
  [ "$(openssl x509 -in "$1" -noout -ext subjectAltName | grep -oE '(DNS|IP Address):' | wc -l)" -eq "$count" ] &&
    openssl x509 -in "$1" -noout -checkend "$renew_before_seconds" >/dev/null
}

make_server_certificate() {
  local crt=$generated/certs/server.crt key=$generated/certs/server.key
  if [ -s "$crt" ] && [ -s "$key" ]; then
    if ! is_ours "$crt"; then
      say "generated/certs/server.crt is from another authority: it stays as it is."
      [ -s "$generated/certs/ca.crt" ] || cp "$crt" "$generated/certs/ca.crt"
      return
    fi
    is_current "$crt" && return
  fi
  local first
  first=$(names)
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -keyout "$key" -out "$crt.request" \
    -subj "/CN=$(printf '%.64s' "${first%% *}")" 2>/dev/null
  openssl x509 -req -in "$crt.request" -CA "$generated/ca/ca.crt" -CAkey "$generated/ca/ca.key" -sha256 \
    -days "$server_days" -set_serial "0x$(secret 16)" -out "$crt" -extfile <(
      printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n'
      printf 'subjectAltName=%s\n' "$(alternative_names)"
    ) 2>/dev/null
  rm "$crt.request"
  cp "$generated/ca/ca.crt" "$generated/certs/ca.crt"
  say "A server certificate has been made for: $(names)"
}

# Replaces each @NAME@ in a template by its value.
render() {
  local text name
  text=$(cat "$1")
  for name in $(grep -oE '@[A-Z_]+@' "$1" | tr -d '@' | sort -u); do
    text=${text//"@$name@"/"$(in_template "$name")"}
  done
  printf '%s\n' "$text" >"$2"
}

make_emqx_files() {
  local template
  mkdir -p "$generated/emqx" "$generated/emqx-4.4"
  render "$here/emqx/base.hocon.template" "$generated/emqx/base.hocon"
  for template in "$here"/emqx-4.4/plugins/*.template; do
    render "$template" "$generated/emqx-4.4/$(basename "$template" .template)"
  done
  printf '%s:%s\n' "$(value_of EMQX_API_KEY)" "$(value_of EMQX_API_SECRET)" >"$generated/emqx/api_keys"
  printf 'user_id,password,is_superuser\ntpedm-manager,%s,false\n' "$(value_of TPE_MQTT_PASSWORD)" \
    >"$generated/emqx/manager.csv"
}

# Writes each secret to its own file, because Node-RED gets only the names of these files.
make_node_red_files() {
  local name folder=$generated/node-red
  mkdir -p "$folder"
  for name in TPE_MQTT_PASSWORD EMQX_API_KEY EMQX_API_SECRET TPE_WEBHOOK_SECRET TPE_ADMIN_PASSWORD TPE_API_TOKEN \
    TPE_METRICS_TOKEN; do
    printf '%s\n' "$(value_of "$name")" >"$folder/$name"
  done
  printf 'postgresql://tpedm:%s@postgres:5432/tpedm\n' "$(value_of TPEDM_DB_PASSWORD)" >"$folder/DATABASE_URL"
  # These secrets are optional and are not made here.
  for name in TPE_OIDC_CLIENT_SECRET TPE_WEBHOOK_SECRET_PREVIOUS; do
    if [ -n "$(value_of "$name")" ]; then
      printf '%s\n' "$(value_of "$name")" >"$folder/$name"
      replace_value "${name}_FILE" "/run/secrets/tpedm/$name"
    else
      rm -f "$folder/$name"
      replace_value "${name}_FILE" ''
    fi
  done
}

own_for_containers() {
  # These files are not secret, but the checkout may have been made with a umask that shares nothing.
  chmod -R a+rX "$here/emqx" "$here/emqx-4.4" "$here/nginx" "$here/postgres"
  chmod -R u=rwX,go= "$generated"
  if [ "$(id -u)" -eq 0 ]; then
    chown -R "$container_user:$container_user" "$generated"
    # No container needs the certificate authority. Whoever has its key can pretend to be this server.
    chown -R root:root "$generated/ca"
    chmod 700 "$generated/ca"
    chmod 600 "$generated/ca/ca.key"
  elif [ "$(id -u)" -ne "$container_user" ]; then
    say "The containers read generated/ as user $container_user and could not now: sudo chown -R $container_user:$container_user generated"
  fi
}

command -v openssl >/dev/null || fail 'openssl is missing: apt-get install openssl'
make_env
check_values
choose_names "$@"
make_ca
make_server_certificate
make_emqx_files
make_node_red_files
own_for_containers
