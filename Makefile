# The commands people type. .ci/run calls the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENVS := .venvs
DEMO := $(VENVS)/demo
TEST := $(VENVS)/test
WHEEL := dist/.built
SOURCES := Cargo.toml Cargo.lock pyproject.toml LICENSE README.md $(shell find src python -type f \
	-not -name '*.pyc' -not -name '*.so' 2>/dev/null)
# Threads of numerical libraries fight with the test runners for the same cores.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-rust test-python test-deep stubs lint notebooks wheel clean check-python

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

check-python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "Rust is needed: cargo was not found (see rustup.rs)" >&2; exit 1; }

wheel: $(WHEEL) ## Build the wheel into dist/

$(WHEEL): $(SOURCES) | check-python
	rm -rf dist && mkdir -p dist
	$(PYTHON) -m venv $(VENVS)/build
	$(VENVS)/build/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	touch $@

$(DEMO)/.ready: $(WHEEL)
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet "$$(ls dist/*.whl)[plot]"
	touch $@

$(TEST)/.ready: $(WHEEL)
	$(PYTHON) -m venv --clear $(TEST)
	$(TEST)/bin/python -m pip install --quiet "$$(ls dist/*.whl)[test]"
	touch $@

demo: $(DEMO)/.ready ## Europe stops buying from Russia: the headline table of twelve commodities, pictures in demo/
	$(DEMO)/bin/tradewinds demo --out demo

test: test-rust test-python stubs ## Everything: Rust, the wheel in a clean environment, stubs, notebooks, docs

test-rust: ## Rust tests and documentation; needs no Python
	cargo test
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet

test-python: $(TEST)/.ready ## Python tests, notebooks and documentation, against the installed wheel
	$(TEST)/bin/python -m pytest

stubs: $(TEST)/.ready ## Types: the stubs against the binary, the package against mypy --strict
	cd $(TEST) && bin/python -m mypy.stubtest tradewinds._core
	cd $(TEST) && bin/python -m mypy --config-file ../../pyproject.toml --package tradewinds

notebooks: $(TEST)/.ready ## Execute the notebooks and write their outputs back
	$(TEST)/bin/python scripts/run_notebooks.py

test-deep: $(TEST)/.ready ## Many more random problems than make test draws, and workers of Dask that are killed
	PROPTEST_CASES=2000 cargo test --release
	HYPOTHESIS_PROFILE=deep $(TEST)/bin/python -m pytest

lint: $(TEST)/.ready ## Formatting and lints
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --features python,abi3 -- -D warnings
	$(TEST)/bin/ruff check python tests scripts benches
	$(TEST)/bin/ruff format --check python tests scripts benches

clean: ## Remove everything that was built
	rm -rf target dist demo $(VENVS)
