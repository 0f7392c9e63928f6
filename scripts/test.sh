#!/usr/bin/env bash
# Everything that must hold before a change lands, from nothing: tools, format, lints, Rust tests on SQLite and on
# a PostgreSQL of their own, the client, the providers' SDKs against the emulator, the browser. One failure does
# not hide the next. The last line sums all runners up; the exit code is 0 only when nothing failed.
#
#   scripts/test.sh          all of it
#   scripts/test.sh lint     format, rules and lints only
#   scripts/test.sh rust     Rust tests only (further words go to cargo nextest)
#   scripts/test.sh browser  browser tests only (further words go to Playwright)
set -euo pipefail
{ # bash reads a block whole, so the file may change while it runs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

part=${1:-all}
(($#)) && shift
case $part in all | lint | rust | browser) ;; *) stop "usage: scripts/test.sh [all|lint|rust|browser] [more words]" ;; esac
wants() { [[ $part == all || $part == "$1" ]]; }

export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto} INSTA_UPDATE=${INSTA_UPDATE:-no}
export BESEDKA_BIN=$TARGET/debug/besedka EMULATOR_BIN=$TARGET/debug/emulator
LOGS=$TARGET/test-logs
mkdir -p "$LOGS"
passed=0 failed=0 skipped=0 failures=() postgres=

finish() {
  local code=$?
  trap - EXIT INT TERM
  [[ -n $postgres ]] && scripts/postgres.sh stop "$postgres" || true
  if ((${#failures[@]})); then printf 'Failed: %s\n' "${failures[@]}"; fi
  if ((code && !failed)); then failed=1; fi # stopped half-way
  say "Took $(clock $SECONDS)."
  if ((skipped)); then say "$passed passed, $failed failed, $skipped skipped"; else say "$passed passed, $failed failed"; fi
  if ((failed)); then exit 1; fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step LABEL COUNTER COMMAND…: runs the command, keeps its output as a log too, counts its results. A command
# without a counter (-) adds nothing when it passes and one failure when it does not.
step() {
  local label=$1 counter=$2 log began=$SECONDS code=0 p=0 f=0 s=0
  shift 2
  log=$LOGS/${label//[^[:alnum:]]/-}.log
  printf '\n==> %s\n' "$label"
  set +e
  "$@" 2>&1 </dev/null | tee "$log"
  code=${PIPESTATUS[0]}
  set -e
  if [[ $counter != - ]]; then read -r p f s < <("$counter" "$log") || true; fi
  if ((code && !f)); then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if ((code || f)); then failures+=("$label"); fi
  printf -- '--- %s: %s, %s\n' "$label" "$( ((code || f)) && echo FAILED || echo ok)" "$(clock $((SECONDS - began)))"
  return 0
}

plain() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }
# "12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 3 skipped"
count_nextest() {
  plain "$1" | awk '/Summary \[.*run: /{ line = $0 } END {
    if (match(line, /[0-9]+(\/[0-9]+)? tests? run/)) { run = substr(line, RSTART); sub(/^.*\//, "", run); run += 0 }
    if (match(line, /[0-9]+ passed/)) p = substr(line, RSTART) + 0
    if (match(line, /[0-9]+ skipped/)) s = substr(line, RSTART) + 0
    print p + 0, run - p, s + 0 }'
}
# Playwright's list reporter closes with lines of "  12 passed (34s)", "  1 failed", "  1 flaky".
count_playwright() {
  plain "$1" | awk '/^ +[0-9]+ (passed|failed|flaky|skipped|interrupted|did not run)/ { n[$2] += $1 }
    END { print n["passed"] + 0, n["failed"] + n["flaky"] + n["interrupted"] + n["did"], n["skipped"] + 0 }'
}
# The last line of "N passed, N failed", with or without a name before it.
count_plain() {
  plain "$1" | awk '/^([a-z]+: )?[0-9]+ passed, [0-9]+ failed/ { sub(/^[a-z]+: /, ""); p = $1; f = $3 + 0 } END { print p + 0, f + 0, 0 }'
}

case $part in
  browser | all) scripts/setup.sh all ;;
  lint) scripts/setup.sh web && scripts/setup.sh test ;;
  rust) scripts/setup.sh test ;;
esac
mkdir -p dist # the server's sources name it; only the browser tests need it filled

if wants lint; then
  step "Format" - cargo fmt --all --check
  step "House rules" - scripts/rules.sh
  step "Lints, native" - cargo clippy --locked --all-targets -- -D warnings
  step "Lints, browser" - cargo clippy --locked -p app --target wasm32-unknown-unknown -- -D warnings
  step "Types of the browser tests" - end2end/node_modules/.bin/tsc --noEmit -p end2end
fi

if wants browser; then
  step "Client" - scripts/web.sh
fi

if wants rust || wants browser; then
  # Bins and tests in one go: built apart, their dependencies' features differ and much is built twice.
  step "Build" - cargo build --locked --all-targets
fi

if wants rust; then
  if started=$(scripts/postgres.sh start); then
    read -r postgres BESEDKA_TEST_POSTGRES <<<"$started"
    export BESEDKA_TEST_POSTGRES
  else
    failed=$((failed + 1)) failures+=("PostgreSQL did not start")
  fi
  step "Rust tests" count_nextest cargo nextest run --locked --no-fail-fast "$@"
fi

if [[ $part == all ]]; then
  step "Rust tests of the client" count_nextest cargo nextest run --locked --no-fail-fast -p app --no-tests=pass
  step "Providers' SDKs against the emulator" count_plain end2end/sdk/run.sh
fi

if wants browser; then
  CHROMIUM=$(chromium_path)
  export CHROMIUM
  if [[ $part == browser ]]; then words=("$@"); else words=(); fi
  step "Browser tests" count_playwright end2end/node_modules/.bin/playwright test -c end2end "${words[@]}"
fi
exit
}
