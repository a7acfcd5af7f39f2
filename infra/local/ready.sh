#!/usr/bin/env bash
# Runs every command given, whatever the others did, and names at the end all that failed.
set -uo pipefail

failed=()
for step in "$@"; do
    printf '\n== %s\n' "$step"
    bash -c "$step" || failed+=("$step")
done

printf '\n'
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "ready: $# steps passed"
