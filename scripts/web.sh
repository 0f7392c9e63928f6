#!/usr/bin/env bash
# Builds the optimised client into dist/, precompressed, ready to be carried by the server.
#   scripts/web.sh [--dev]      --dev: quick to build, slow to load
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/setup.sh web
# Trunk 0.21 reads NO_COLOR as a word of its own, while the custom is that any value counts.
if [[ -n ${NO_COLOR:-} ]]; then export NO_COLOR=true; fi
# Views behind one erased type each are a fifth smaller than every view compiled for itself.
# Panic messages name source files; those of dependencies need not tell where the builder's home is.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--cfg erase_components --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
if [[ ${1:-} == --dev ]]; then trunk build; else trunk build --release; fi
