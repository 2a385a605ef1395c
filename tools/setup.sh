#!/bin/sh
# Makes .venv and installs what the Makefile asks for.
#
#   sh tools/setup.sh packages   .venv, every pinned package, the client
#   sh tools/setup.sh core       this distribution, editable, its core compiled
#
# What is missing on the machine is said in one sentence, with exit code 1.
set -eu
cd "$(dirname "$0")/.."
LOG=.cache/setup.log
mkdir -p .cache

stop() {
    echo "setup: $*" >&2
    exit 1
}

# Version managers leave commands that exist and do not run, so each is tried.
find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    stop "no Python 3.11 or newer was found; install one (Debian: apt install python3)" \
        "or name it with PYTHON=/path/to/python3."
}

require_machine() {
    "$1" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        stop "$1 has no venv module; install it (Debian: apt install python3-venv)."
    "$1" -c 'import os, sysconfig, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
        stop "$1 has no Python.h; install its headers (Debian: apt install python3-dev)."
    command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 ||
        stop "no C compiler was found; install one (Debian: apt install gcc) or name it with CC=."
}

# Runs quietly; on failure shows the end of the log, which names the cause.
quietly() {
    "$@" >"$LOG" 2>&1 || {
        tail -n 30 "$LOG" >&2
        stop "this failed: $*"
    }
}

install() {
    quietly .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --constraint constraints.txt "$@"
}

packages() {
    # A .venv that was copied or whose Python is gone is made anew.
    if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
        python=$(find_python)
        require_machine "$python"
        echo "setup: making .venv with $("$python" --version)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    echo "setup: installing the pinned packages (a minute or two, once)"
    install setuptools wheel cython numpy
    install --no-build-isolation --editable clients/python
    .venv/bin/python tools/requirements.py >.cache/requirements.txt
    install --requirement .cache/requirements.txt
    touch .venv/.packages
}

core() {
    require_machine .venv/bin/python
    echo "setup: compiling the core"
    install --no-build-isolation --no-deps --editable .
    touch .venv/.core
}

case "${1:-}" in
packages) packages ;;
core) core ;;
*) stop "say 'packages' or 'core'." ;;
esac
