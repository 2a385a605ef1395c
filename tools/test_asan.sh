#!/bin/sh
# Runs the tests of the route search and of the air-taxi moves on a build under AddressSanitizer, in a copy, so
# that the fast build of this clone stays as it is. Any access outside the memory
# that the core owns ends the run with a report.
set -eu
cd "$(dirname "$0")/.."
ROOT=$PWD
COPY=$ROOT/build/asan
CC="${CC:-cc}"
LIBRARY=$("$CC" -print-file-name=libasan.so)
if [ ! -e "$LIBRARY" ]; then
    echo "test-asan: $CC has no libasan; install it (Debian: libgcc-<version>-dev)." >&2
    exit 1
fi
mkdir -p "$COPY"
for path in router tests benchmarks setup.py pyproject.toml; do
    rm -rf "${COPY:?}/$path"
    cp -R "$path" "$COPY/$path"
done
cd "$COPY"
find router -name '*.so' -exec rm {} +
rm -f router/*.c
# Only the two searches: the other extensions have tests of their own.
find router -name '_*.pyx' ! -name '_core.pyx' ! -name '_airtaxi.pyx' -exec rm {} +
ALATAU_SANITIZE=address "$ROOT/.venv/bin/python" setup.py --quiet build_ext --inplace
export ALATAU_EXAMPLES="${ALATAU_EXAMPLES:-200}"
# Python itself keeps memory to its end, so leaks are not looked for; NumPy must
# take its memory from malloc for its bounds to be known.
export ASAN_OPTIONS="detect_leaks=0:abort_on_error=0:halt_on_error=1"
export PYTHONMALLOC=malloc
LD_PRELOAD="$LIBRARY" "$ROOT/.venv/bin/python" -m pytest -p no:cacheprovider --timeout 1200 \
    tests/search tests/airtaxi/plan/test_moves.py
