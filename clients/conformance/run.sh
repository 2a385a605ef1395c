#!/bin/sh
# Proves the client of every language against one real server.
#
#   sh clients/conformance/run.sh [python typescript go java]
#
# Starts `alatau serve` on a free port, runs each language's vectors and first
# call, and stops it. A language whose toolchain is missing is left out with a
# sentence, unless it was asked for by name.
set -u
cd "$(dirname "$0")/../.."
ROOT=$PWD
LOG=$ROOT/.cache/conformance-server.log
mkdir -p "$ROOT/.cache"
export ALATAU_VECTORS="$ROOT/clients/conformance/vectors.json"
rm -f "$ROOT"/.cache/conformance.db*
failed=

ALATAU_STORE="sqlite:///$ROOT/.cache/conformance.db" .venv/bin/alatau serve --port 0 --workers 1 >"$LOG" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null' EXIT
trap 'exit 1' INT TERM

for _ in $(seq 300); do
    ALATAU_ADDRESS=$(sed -n 's/^alatau: serving gRPC on //p' "$LOG")
    [ -n "$ALATAU_ADDRESS" ] && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$ALATAU_ADDRESS" ]; then
    cat "$LOG" >&2
    echo "clients: the server did not start." >&2
    exit 1
fi
export ALATAU_ADDRESS

prove_python() {
    .venv/bin/python -m pytest --quiet tests/clients/test_conformance.py
}

prove_typescript() {
    sh tools/node_modules.sh && (cd clients/typescript && npm run --silent conformance)
}

prove_go() {
    (cd clients/go && go vet ./... && go test -count=1 -v .)
}

prove_java() {
    sh tools/generate.sh java && mvn --batch-mode --quiet --no-transfer-progress \
        --file clients/java/pom.xml verify
}

# language, the command it needs
prove() {
    if ! command -v "$2" >/dev/null 2>&1; then
        echo "clients: $1 left out, as $2 is not on this machine."
        [ -z "$ASKED" ] || failed="$failed $1"
    elif "prove_$1"; then
        echo "clients: $1 ok"
    else
        echo "clients: $1 FAILED" >&2
        failed="$failed $1"
    fi
}

ASKED=$*
for language in ${*:-python typescript go java}; do
    case $language in
    python) prove python .venv/bin/python ;;
    typescript) prove typescript npm ;;
    go) prove go go ;;
    java) prove java mvn ;;
    *) echo "clients: no language $language." >&2 && exit 1 ;;
    esac
done
[ -z "$failed" ] || { echo "clients: failed:$failed" >&2; exit 1; }
