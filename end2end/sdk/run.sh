#!/bin/sh
# Green-API's own clients against the emulator: an independent witness that the emulator speaks as
# the service does. Needs the built emulator (EMULATOR_BIN names another binary), python3 with venv and
# node 20+. Ends with `sdk: N passed, N failed`; anything failed is a non-zero exit.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cache="${BESEDKA_CACHE:-$HOME/.cache/besedka}/sdk"
emulator="${EMULATOR_BIN:-${CARGO_TARGET_DIR:-$root/target}/debug/emulator}"

if [ ! -x "$emulator" ]; then
    echo "sdk: $emulator is not there; build it with: cargo build -p emulator" >&2
    exit 1
fi

# Each cache folder carries the sum of what it was made from, so that it is made once.
current() { [ -f "$1/made-from" ] && [ "$(cat "$1/made-from")" = "$2" ]; }

python="$cache/python"
sum=$(cksum < "$here/python/requirements.txt")
if ! current "$python" "$sum"; then
    echo "sdk: installing the Python client"
    rm -rf "$python"
    mkdir -p "$python"
    python3 -m venv "$python/venv"
    "$python/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
        --requirement "$here/python/requirements.txt"
    echo "$sum" > "$python/made-from"
fi

node="$cache/node"
sum=$(cat "$here/node/package.json" "$here/node/package-lock.json" | cksum)
if ! current "$node" "$sum"; then
    echo "sdk: installing the JavaScript client"
    rm -rf "$node"
    mkdir -p "$node"
    cp -R "$here/node/package.json" "$here/node/package-lock.json" "$here/node/.npmrc" \
        "$here/node/fs" "$node/"
    (cd "$node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    echo "$sum" > "$node/made-from"
fi
cp "$here/node/day.js" "$node/day.js"

work=$(mktemp -d)
"$emulator" --listen 127.0.0.1:0 > "$work/emulator" 2> "$work/emulator.log" &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
tries=0
while ! grep -q '^emulator: ' "$work/emulator"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
        echo "sdk: the emulator did not start" >&2
        cat "$work/emulator.log" >&2
        exit 1
    fi
    sleep 0.1
done
url=$(sed -n 's/^emulator: //p' "$work/emulator")

# Loopback must not go through a proxy.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
passed=0
failed=0
run() {
    name=$1
    shift
    echo "sdk: $name"
    # A script that dies before its last line counts as one failure.
    timeout 180 "$@" > "$work/$name" 2>&1 || true
    cat "$work/$name"
    last=$(sed -n "s/^$name: \([0-9]*\) passed, \([0-9]*\) failed\$/\1 \2/p" "$work/$name" | tail -1)
    # shellcheck disable=SC2086
    set -- ${last:-0 1}
    passed=$((passed + $1))
    failed=$((failed + $2))
}
run python "$python/venv/bin/python" "$here/python/day.py" "$url"
run node node "$node/day.js" "$url"

echo "sdk: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
