# One environment, .venv, holds everything: Python 3.11 or newer, make and git are all it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lint unit conformance bench chaos install clean

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Crossdock needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once; a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(VENV)/lib crossdock taps targets reconciliation sandbox || true
	@test -e .env || cp .env.example .env
	@touch $(READY)

demo: install
	@$(BIN)/crossdock demo $(if $(WORLD),--world "$(WORLD)")

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar --nocolor transform/dbt/models transform/dbt/tests
	@$(BIN)/dbt parse --quiet --project-dir transform/dbt --profiles-dir transform/dbt
	@PYTHONPATH=. $(BIN)/dbt-score lint --manifest transform/dbt/target/manifest.json --show failing-rules

unit: install
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test: lint unit

# Every check of every connector under every fault script; writes the table of the docs anew.
conformance: install
	@CROSSDOCK_CONFORMANCE=all CROSSDOCK_CHURN=10000 CROSSDOCK_CONFORMANCE_TABLE=docs/conformance.md \
	  $(BIN)/python -m pytest --numprocesses 2 tests/conformance

bench: install
	@$(BIN)/python -m benchmarks

# Runs that are killed, cut off, lied to and doubled, again and again: make chaos SEEDS=2000 RUNS=20
chaos: install
	@CROSSDOCK_CHAOS_SEEDS=$(or $(SEEDS),100) CROSSDOCK_CHAOS_RUNS=$(or $(RUNS),1) \
	  $(BIN)/python -m pytest --numprocesses 2 tests/chaos tests/target/test_delivery_kills.py tests/targets/test_shiphero_kill.py

clean:
	rm -rf .crossdock .meltano transform/dbt/target
