#!/usr/bin/env bash
# A throw-away PostgreSQL for the tests: a fresh cluster in a temporary folder, on a free port of the loopback,
# gone with all it held after `stop`. It is tuned to be quick and may lose everything on a power cut.
#
#   scripts/postgres.sh start        prints "FOLDER URL"
#   scripts/postgres.sh stop FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=$(postgres_bin) || stop "PostgreSQL's initdb and pg_ctl are not installed (apt-get install postgresql)"

# PostgreSQL refuses to run as root, so root lends it a user: postgres where the package made one.
as() {
  if ((EUID != 0)); then "$@"; else (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/tmp "$@"); fi
}

case ${1:-} in
  start)
    folder=$(mktemp -d "${TMPDIR:-/tmp}/besedka-postgres.XXXXXX")
    ((EUID == 0)) && { chown postgres "$folder"; }
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && printf '%s' "$password" >"$folder/password")
    ((EUID == 0)) && chown postgres "$folder/password"
    as "$bin/initdb" --pgdata="$folder/data" --username=besedka --pwfile="$folder/password" --auth=scram-sha-256 \
      --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
    for attempt in 1 2 3 4 5; do
      port=$((20000 + RANDOM % 12000))
      options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=off -c synchronous_commit=off
        -c full_page_writes=off -c max_connections=300 -c shared_buffers=128MB -c wal_level=replica -c autovacuum_naptime=5min"
      if as "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --options="${options//$'\n'/ }" \
        --wait --timeout=60 start >/dev/null 2>&1; then
        printf '%s postgres://besedka:%s@127.0.0.1:%s/postgres\n' "$folder" "$password" "$port"
        exit 0
      fi
      grep -q 'Address already in use' "$folder/server.log" 2>/dev/null || break
    done
    tail -n 20 "$folder/server.log" >&2
    rm -rf "$folder"
    exit 1
    ;;
  stop)
    folder=${2:?the folder that start printed}
    [[ $folder == */besedka-postgres.* && -d $folder/data ]] || stop "not a folder of this script: $folder"
    as "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
    ;;
  *) stop "usage: scripts/postgres.sh start | stop FOLDER" ;;
esac
