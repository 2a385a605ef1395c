#!/bin/sh
# Regenerates the Python stubs in clients/python from the protos in this folder.
# Usage: proto/generate.sh [folder to write to instead of clients/python]
set -eu
cd "$(dirname "$0")"
if [ -x ../.venv/bin/buf ]; then
    PATH="$(cd ../.venv/bin && pwd):$PATH"
fi
export PATH
out=$(cd "${1:-../clients/python}" && pwd)
if [ $# -gt 0 ]; then
    template=$(mktemp --suffix=.yaml)
    trap 'rm -f "$template"' EXIT
    sed "s|out: ../clients/python|out: $out|" buf.gen.yaml >"$template"
    buf generate --template "$template"
else
    buf generate
fi
# mypy_grpc writes a stub for files without a service as well.
find "$out/alatau" -name '*_pb2_grpc.pyi' | while read -r stub; do
    [ -e "${stub%i}" ] || rm "$stub"
done
