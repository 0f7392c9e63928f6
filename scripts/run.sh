#!/usr/bin/env bash
# From a fresh clone to a running Besedka: tools, client, server, both optimised; data in ./data.
#   scripts/run.sh [words for `besedka serve`]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

say "1 of 3: tools and client (the first time takes a quarter of an hour, later seconds)"
scripts/web.sh
say "2 of 3: server"
cargo build --locked --release -p server
say "3 of 3: starting on http://${BESEDKA_LISTEN:-127.0.0.1:8080}, data in ${BESEDKA_DATA:-./data}; stop it with Ctrl+C"
exec "$TARGET/release/besedka" serve "$@"
