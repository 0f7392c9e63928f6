#!/usr/bin/env bash
# Builds the optimised client into dist/, precompressed, ready to be carried by the server.
#   scripts/web.sh [--dev]      --dev: quick to build, slow to load
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/setup.sh web
if [[ ${1:-} == --dev ]]; then trunk build; else trunk build --release; fi
