#!/bin/sh
# Runs the tests that lean on the compiled core on a build with every Cython
# check on (bounds, wraparound, division), in a copy, so that the fast build of
# this clone stays as it is.
set -eu
cd "$(dirname "$0")/.."
ROOT=$PWD
COPY=$ROOT/build/checks
mkdir -p "$COPY"
for path in router tests benchmarks setup.py pyproject.toml; do
    rm -rf "${COPY:?}/$path"
    cp -R "$path" "$COPY/$path"
done
cd "$COPY"
find router -name '*.so' -exec rm {} +
rm -f router/*.c
ALATAU_CHECKS=1 "$ROOT/.venv/bin/python" setup.py --quiet build_ext --inplace
"$ROOT/.venv/bin/python" -c "
import router._core
assert router._core.__file__.startswith('$COPY'), router._core.__file__"
# Unoptimised code is some twenty times slower: fewer examples, small days only.
export ALATAU_EXAMPLES="${ALATAU_EXAMPLES:-10}"
"$ROOT/.venv/bin/python" -m pytest -p no:cacheprovider --timeout 300 tests/search
"$ROOT/.venv/bin/python" -m pytest -p no:cacheprovider --timeout 300 -k random_days tests/airtaxi/plan
