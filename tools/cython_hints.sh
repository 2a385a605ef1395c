#!/bin/sh
# Prints the performance hints of the Cython compiler, if there are any.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for source in router/*.pyx; do
    .venv/bin/cython -3 -X boundscheck=False,wraparound=False,cdivision=True \
        --output-file "$scratch/out.c" "$source" 2>"$scratch/said" || {
        cat "$scratch/said" >&2
        exit 1
    }
    grep -A 8 'performance hint' "$scratch/said" || true
done
