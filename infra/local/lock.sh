#!/usr/bin/env bash
# Resolves the locks again. They carry hashes and name no index, so they install from whichever one a machine uses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v uv >/dev/null || { echo "uv is needed to resolve the locks: pip install uv" >&2; exit 1; }
compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}

# Everything together first, so that one machine can hold every extra; then each lock as a part of that answer.
mkdir -p build
compile pyproject.toml --extra streaming --extra test --extra dev --output-file build/everything.txt
part() { compile "$@" --constraints build/everything.txt; }

part pyproject.toml --output-file requirements/runtime.txt
part pyproject.toml --extra test --extra dev --output-file requirements/test.txt
part pyproject.toml --extra streaming --output-file requirements/streaming.txt
echo "hatchling" | part - --output-file requirements/build.txt

if grep -nE '://|--(extra-)?index|--find-links' requirements/*.txt; then
    echo "a lock names an address: take it out" >&2
    exit 1
fi
