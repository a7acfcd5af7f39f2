#!/usr/bin/env bash
# Prints the path of an `opa` 1.22.2 on the last line, building one into build/bin if the machine has none.
# Order: MASH_OPA, build/bin, PATH, then `go install` (Go 1.26, or an older one that may fetch its own toolchain).
set -euo pipefail

version=1.22.2
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin="$top/build/bin"

# The whole answer is read before it is searched: a reader that stops early would make opa, and so the pipe, fail.
is_right() {
    [ -x "$1" ] || return 1
    local said
    said=$("$1" version 2>/dev/null) || return 1
    grep -qx "Version: $version" <<<"$said"
}

for candidate in "${MASH_OPA:-}" "$bin/opa" "$(command -v opa || true)"; do
    if [ -n "$candidate" ] && is_right "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done

if ! command -v go >/dev/null; then
    echo "opa $version is needed to test the rules, and this machine has neither it nor Go." >&2
    echo "Install Go 1.26 or newer and run this again, or put opa $version on PATH, or name it in MASH_OPA." >&2
    exit 1
fi

echo "building opa $version with $(go version | cut -d' ' -f3), about a minute the first time" >&2
mkdir -p "$bin"
# CGO off: the embedded runtime runs Wasm by itself, opa only compiles and tests, so no C compiler is needed.
CGO_ENABLED=0 GOBIN="$bin" go install -ldflags "-s -w" "github.com/open-policy-agent/opa@v$version" >&2
is_right "$bin/opa" || { echo "the opa that was built is not version $version" >&2; exit 1; }
echo "$bin/opa"
