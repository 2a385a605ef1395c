#!/bin/sh
# Every check that runs no code of ours; all of them run, then the verdict.
#
#   sh tools/lint.sh [name …]   only the named checks
set -u
cd "$(dirname "$0")/.."
BIN=$PWD/.venv/bin
PATH=$BIN:$PATH
export PATH
failed=

check() {
    name=$1
    shift
    case " ${ONLY:-$name} " in *" $name "*) ;; *) return ;; esac
    if output=$("$@" 2>&1); then
        echo "lint: $name ok"
    else
        printf '%s\n' "$output"
        echo "lint: $name FAILED" >&2
        failed="$failed $name"
    fi
}

# A hint means that a worker touches Python where it should not.
cython_hints() {
    hints=$(sh tools/cython_hints.sh) || return 1
    test -z "$hints" || { printf '%s\n' "$hints"; return 1; }
}

stubs_of_extensions() {
    modules=$(ls router/_*.pyi | sed 's#/#.#; s#\.pyi$##')
    python -m mypy.stubtest $modules --mypy-config-file pyproject.toml \
        --ignore-disjoint-bases --allowlist tools/stubtest_allowlist.txt --ignore-unused-allowlist
}

ONLY=$*
check ruff ruff check .
check format ruff format --check .
check mypy mypy
check cython-lint sh -c 'cython-lint router/*.pyx router/kernels/*.pxd'
check cython-hints cython_hints
check stubtest stubs_of_extensions
check imports lint-imports --no-cache
check buf-lint sh -c 'cd proto && buf lint'
check buf-format sh -c 'cd proto && buf format --diff --exit-code'
test -z "$failed" || { echo "lint: failed:$failed" >&2; exit 1; }
