#!/bin/sh
# Generates the stubs of every language from proto/, with plugins that run here.
#
#   sh tools/generate.sh [python typescript go java]
#
# A language whose toolchain is missing is left out with a sentence, unless it
# was asked for by name. docs/decisions/0602 says what is committed and why.
set -eu
cd "$(dirname "$0")/.."
ROOT=$PWD
PATH=$ROOT/.venv/bin:$ROOT/.cache/go/bin:$PATH
export PATH
GO_PLUGIN=google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GO_GRPC_PLUGIN=google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2

with_buf() {
    (cd proto && buf generate --template "../$1")
}

python_stubs() {
    sh proto/generate.sh
}

# The details of errors are messages of google.rpc, for which npm has no
# package; their proto comes with googleapis-common-protos in .venv.
typescript_stubs() {
    sh tools/node_modules.sh
    with_buf clients/typescript/buf.gen.yaml
    rpc=$(python -c 'import google.rpc, os; print(list(google.rpc.__path__)[0])')
    scratch=$(mktemp -d)
    mkdir -p "$scratch/google/rpc"
    cp "$rpc/error_details.proto" "$scratch/google/rpc/"
    sed '/^clean:/d' clients/typescript/buf.gen.yaml >"$scratch/buf.gen.yaml"
    (cd proto && buf generate --template "$scratch/buf.gen.yaml" "$scratch")
    rm -rf "$scratch"
}

go_stubs() {
    GOBIN=$ROOT/.cache/go/bin go install "$GO_PLUGIN"
    GOBIN=$ROOT/.cache/go/bin go install "$GO_GRPC_PLUGIN"
    with_buf clients/go/buf.gen.yaml
}

java_stubs() {
    mvn --batch-mode --quiet --no-transfer-progress --file clients/java/pom.xml \
        dependency:copy@generators
    chmod +x clients/java/target/protoc/*
    with_buf clients/java/buf.gen.yaml
}

# language, the command it needs
make_stubs() {
    if command -v "$2" >/dev/null 2>&1; then
        "$1_stubs"
        echo "generate: $1 done"
    elif [ -n "$ASKED" ]; then
        echo "generate: $1 needs $2, which is not on this machine." >&2
        exit 1
    else
        echo "generate: $1 left out, as $2 is not on this machine."
    fi
}

ASKED=$*
for language in ${*:-python typescript go java}; do
    case $language in
    python) make_stubs python python ;;
    typescript) make_stubs typescript npm ;;
    go) make_stubs go go ;;
    java) make_stubs java mvn ;;
    *) echo "generate: no language $language." >&2 && exit 1 ;;
    esac
done
