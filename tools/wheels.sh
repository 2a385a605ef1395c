#!/bin/sh
# Builds the wheels of both distributions into dist/.
set -eu
cd "$(dirname "$0")/.."
rm -rf build dist clients/python/build
for folder in clients/python .; do
    .venv/bin/python -m build --no-isolation --wheel --outdir dist "$folder" >.cache/wheel.log 2>&1 || {
        tail -n 30 .cache/wheel.log >&2
        exit 1
    }
done
rm -rf build clients/python/build
ls dist
