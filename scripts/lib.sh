# Sourced by the scripts beside it: where things are, what versions they have, how steps are told.
# It does nothing by itself but set variables and PATH.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
CACHE=${BESEDKA_CACHE:-${HOME:-/tmp}/.cache/besedka}
WASM_SPLIT=0.2.4
TRUNK=0.21.14
NEXTEST=0.9.143
WASM_BINDGEN=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;q}' "$ROOT/Cargo.lock")
BINARYEN=$(sed -n 's/.*"binaryen": "\(.*\)".*/\1/p' "$ROOT/scripts/package.json")
export PATH="$CACHE/bin:$CACHE/binaryen-$BINARYEN/node_modules/.bin:${CARGO_HOME:-${HOME:-/tmp}/.cargo}/bin:$PATH"
export npm_config_update_notifier=false

say() { printf '%s\n' "$*"; }
stop() { printf '\nbesedka: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# 75 -> 1m15s
clock() { local s=$1; if ((s < 60)); then printf '%ss' "$s"; else printf '%dm%02ds' $((s / 60)) $((s % 60)); fi; }

# The folder of PostgreSQL's own programs (initdb, pg_ctl), newest version last; Debian keeps them out of PATH.
postgres_bin() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || echo /none/x)")"; do
    [[ -x $dir/initdb && -x $dir/pg_ctl ]] && { printf '%s\n' "$dir"; return 0; }
  done
  return 1
}

# The browser for the tests: Debian's, or the one named by CHROMIUM.
chromium_path() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [[ -n $name ]] && command -v "$name" 2>/dev/null && return 0
  done
  return 1
}
