#!/bin/sh
# Writes constraints.txt: the versions of a clean resolve of every extra.
# Names and versions only, so that the file holds on any machine and mirror.
# And deploy/requirements.txt: what the image installs, with the hash of every file.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.venv/bin/python -m venv "$scratch/venv"
.venv/bin/python tools/requirements.py dev bench fuzz >"$scratch/requirements.txt"
"$scratch/venv/bin/pip" install --quiet --requirement "$scratch/requirements.txt"
{
    cat <<'NOTE'
# Every version that was resolved together, direct or not, for a build that is
# the same tomorrow. pyproject.toml says what is needed; this file says what
# was tested. `make lock` writes it anew; it names no registry and no machine.
NOTE
    "$scratch/venv/bin/pip" freeze --all | grep -v '^pip=='
} >constraints.txt
.venv/bin/python tools/requirements.py postgresql >"$scratch/image.txt"
"$scratch/venv/bin/pip" install --quiet uv
{
    cat <<'NOTE'
# What the image has, at the versions of constraints.txt, with the SHA-256 of every
# file of each: pip takes no other. `make lock` writes it anew.
NOTE
    "$scratch/venv/bin/uv" pip compile --quiet --generate-hashes --no-header --no-annotate \
        --constraint constraints.txt "$scratch/image.txt"
} >deploy/requirements.txt
