#!/usr/bin/env bash
# Stands in for Docker where there is none: runs what a script wants to run in a container on this machine instead.
# PGHOST and the like say where PostgreSQL is, DATA which folder Node-RED's volume is, SCRIPTS where the scripts of the
# PostgreSQL container are. What is asked for is written to LOG.
set -euo pipefail

printf '%s\n' "$*" >>"$LOG"
[ "$1" = compose ] || exit 0
shift
case $1 in
  exec) shift 3 ;;
  run) shift 5 ;;
  *) exit 0 ;;
esac
words=("$@")
words=("${words[@]//\/docker-entrypoint-initdb.d/$SCRIPTS}")
words=("${words[@]//\/data/$DATA}")
# The network of the container is not the one here.
for index in "${!words[@]}"; do
  case ${words[$index]} in
    --host=*) unset "words[$index]" ;;
  esac
done
exec "${words[@]}"
