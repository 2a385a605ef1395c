#!/bin/sh
# Prints the performance hints of the Cython compiler, if there are any.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.venv/bin/cython -3 --output-file "$scratch/_core.c" router/_core.pyx 2>"$scratch/said" || {
    cat "$scratch/said" >&2
    exit 1
}
grep -A 8 'performance hint' "$scratch/said" || true
