#!/bin/sh
# Installs both wheels into a fresh environment and uses them from a folder
# outside the clone: what only works inside the clone fails here.
set -eu
cd "$(dirname "$0")/.."
ROOT=$PWD
scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

"$ROOT/.venv/bin/python" -m venv "$scratch/venv"
bin=$scratch/venv/bin
"$bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt dist/alatau_client-*.whl dist/alatau_router-*.whl
cp tools/smoke/* "$scratch/"
cd "$scratch"

"$bin/alatau" --version
"$bin/alatau" routes solve round.vrp --seconds 1 --out round.sol --json >routes.json
"$bin/alatau" routes check round.vrp round.sol --json >check.json
"$bin/alatau" airtaxi plan alatau-almaty --passengers 60 --seconds 2 --out day.json --json >day.out
"$bin/alatau" airtaxi check alatau-almaty day.json --json >/dev/null
"$bin/python" expect.py routes.json cost=16 feasible=true
"$bin/python" expect.py check.json cost=16 feasible=true
"$bin/python" expect.py day.out violations='[]'

"$bin/alatau" serve --port 0 --workers 1 >serve.out 2>serve.log &
server=$!
for _ in $(seq 300); do
    address=$(sed -n 's/^alatau: serving gRPC on //p' serve.out)
    [ -n "$address" ] && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
[ -n "$address" ] || { cat serve.log >&2; echo "smoke: the server did not start." >&2; exit 1; }
"$bin/python" call.py "$address"
kill "$server"
wait "$server"
server=
echo "smoke: the installed wheels solve, serve and call"
