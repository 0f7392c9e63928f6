#!/usr/bin/env bash
# Builds the optimised client into dist/, precompressed, ready to be carried by the server.
#   scripts/web.sh [--dev]      --dev: quick to build, slow to load
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

scripts/setup.sh web
# Views behind one erased type each are a fifth smaller than every view compiled for itself.
# Panic messages name source files; those of dependencies need not tell where the builder's home is.
# What the linker moved where is how the client is cut into parts.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--cfg erase_components --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo -Clink-arg=--emit-relocs"
export CARGO_TARGET_DIR=$TARGET
exec node scripts/web.mjs "$@"
