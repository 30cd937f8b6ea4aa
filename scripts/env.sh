# Sourced by the scripts and used by the Makefile: the versions, said once, and where the project's own tools live.
# A tool of the right version that is already on PATH is used; what is missing goes to .tools/, never over yours.
RUST_VERSION=1.95.0
WASM_BINDGEN_VERSION=0.2.130
TRUNK_VERSION=0.21.14
WASM_OPT_VERSION=132

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$ROOT/.tools/bin:$ROOT/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
