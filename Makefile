# Every target does its own set-up: Python >= 3.11, a C compiler and make are
# enough. The environment is `.venv` in this clone; it is made once and mended
# when pyproject.toml, setup.py, constraints.txt or a Cython source changes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

PY := .venv/bin/python
CLIENT_FILES := $(wildcard clients/python/pyproject.toml)
CORE_SOURCES := $(wildcard router/*.pyx router/*.pxd router/kernels/*.pxd router/kernels/*.h)
PYTEST ?= $(PY) -m pytest
PYTEST_ARGS ?=
TEST_WORKERS ?= 2
DEMO_ARGS ?=
SECONDS ?= 60

.PHONY: help build demo test test-checks test-asan fuzz lint generate clients wheels smoke lock clean distclean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

build: .venv/.core  ## make .venv, install everything, compile the core

demo: build  ## plan a day of air taxis and freight through the service, into out/demo/
	.venv/bin/alatau demo $(DEMO_ARGS)

test: build  ## run the test suite (PYTEST_ARGS="-k name" narrows it; TEST_WORKERS=0: one process)
	$(PYTEST) -n $(TEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

test-checks: build  ## run the core's tests on a build with every run-time check on
	sh tools/test_checks.sh

fuzz: build  ## fuzz decode, validation and jobs for SECONDS each (SECONDS=600)
	$(PY) -m pip install --quiet --constraint constraints.txt atheris
	$(PY) -m tests.fuzz --seconds $(SECONDS)

test-asan: build  ## run both searches' tests under AddressSanitizer
	sh tools/test_asan.sh

lint: build  ## every linter and type checker
	@sh tools/lint.sh

generate: build  ## regenerate the stubs of every language whose toolchain is present
	@sh tools/generate.sh

clients: build  ## prove the TypeScript, Go and Java clients against a running server
	@sh clients/conformance/run.sh

wheels: build  ## build both wheels into dist/
	@sh tools/wheels.sh

smoke: wheels  ## install the wheels into a fresh environment and use them from outside
	@sh tools/smoke.sh

lock: build  ## resolve all dependencies anew into constraints.txt
	sh tools/lock.sh

clean:  ## remove build products, keep .venv
	rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache htmlcov
	rm -rf .coverage .coverage.* coverage.xml clients/python/build clients/python/dist
	rm -rf clients/java/target clients/typescript/dist clients/go/bin
	rm -f router/*.so router/*.c router/*.html .venv/.core
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean  ## remove .venv and downloaded packages as well
	rm -rf .venv clients/typescript/node_modules .cache *.egg-info clients/python/*.egg-info

# Two stamps: the packages take a minute and seldom change; the core takes
# seconds and changes with its sources.
.venv/.packages: constraints.txt pyproject.toml $(CLIENT_FILES) tools/setup.sh
	@sh tools/setup.sh packages

.venv/.core: .venv/.packages setup.py $(CORE_SOURCES)
	@sh tools/setup.sh core
