# `make` prints what there is. A machine needs Python 3.11 or newer and make; the tests also want Go or opa 1.22.2.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OPA_DIR := $(CURDIR)/build/bin
HOME_OF_DEMO ?= mash-demo
STREAMING ?= mash-streaming
WORKERS ?= 2
TESTS ?= tests

export PATH := $(CURDIR)/$(BIN):$(OPA_DIR):$(PATH)
export PYTHONHASHSEED := 0
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

# ------------------------------------------------------------------ people

.PHONY: demo
demo: $(VENV)/runtime.stamp ## set up (pip only) and play a weekend in Wrenshire
	@$(BIN)/mash --home $(HOME_OF_DEMO) demo
	@echo "The command stands in $(VENV): type  . $(VENV)/bin/activate  first."

.PHONY: up
up: $(VENV)/test.stamp opa ## start a whole partnership here: Kafka, PostgreSQL, OPA and every process (needs Java 17)
	@$(BIN)/python -m infra.local.partnership up $(STREAMING)

.PHONY: down
down: ## end what `make up` started; nothing of it is left
	@$(BIN)/python -m infra.local.partnership down $(STREAMING)

.PHONY: test
test: $(VENV)/test.stamp opa ## set up and run every test, with the real opa binary (about half an hour on two cores)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope $(TESTS)

# ------------------------------------------------------------------ contributors

.PHONY: ready
ready: $(VENV)/test.stamp opa ## everything that needs no service, slow tests left out; reports all failures, not the first
	@infra/local/ready.sh "make lint" "make types" "make fresh" "python -m pytest -q -n $(WORKERS) --dist loadscope -m 'not slow' tests"

.PHONY: lint
lint: $(VENV)/test.stamp ## ruff (rules and form) and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache

.PHONY: types
types: $(VENV)/test.stamp ## mypy, strict
	@$(BIN)/mypy

.PHONY: format
format: $(VENV)/test.stamp ## put the code into the house's form and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: generate
generate: $(VENV)/test.stamp opa ## write again all that is generated: schemas, AsyncAPI, the Wasm module, reference pages
	@$(BIN)/python -m contracts.generate
	@$(BIN)/python -m policies.build
	@$(BIN)/python -m infra.docs.generate

.PHONY: fresh
fresh: $(VENV)/test.stamp ## fail if a generated reference page differs from what the code says
	@$(BIN)/python -m infra.docs.generate --check

.PHONY: bench
bench: $(VENV)/test.stamp opa ## measure on this machine; writes docs/performance.md and build/bench.json
	@$(BIN)/python -m tests.bench

.PHONY: bench-streaming
bench-streaming: $(VENV)/test.stamp opa ## measure the line over Kafka, with one hub and with two; writes its part of docs/performance.md
	@$(BIN)/python -m tests.bench.streamed --page docs/performance.md

.PHONY: long
long: $(VENV)/test.stamp opa ## the laws with 2,000 examples each, then the bench's growth to 100,000 events (hours)
	@MASH_ORDERS=500 $(BIN)/python -m pytest -q tests/properties/test_order.py tests/properties/test_identity_by_people.py tests/properties/test_erasing.py
	@MASH_LONG=1 $(BIN)/python -m pytest -q tests/faults/test_one_child_each.py
	@MASH_MUTANTS=100000 MASH_QUESTIONS=20000 $(BIN)/python -m pytest -q tests/unit/policies/test_mutants.py tests/unit/policies/test_two_engines.py tests/unit/policies/test_invariants.py
	@MASH_QUESTIONS=20000 $(BIN)/python -m pytest -q tests/unit/policies/test_remembered.py
	@MASH_HYPOTHESIS=long $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope tests/properties tests/unit
	@$(BIN)/python -m tests.bench --long

.PHONY: soak
soak: $(VENV)/test.stamp opa ## kill the processes of a whole partnership 1,000 times over 100,000 events, and check (hours)
	@$(BIN)/python -m tests.soak --events $${SOAK_EVENTS:-100000} --kills $${SOAK_KILLS:-1000} --page docs/performance.md

.PHONY: kills
kills: $(VENV)/test.stamp opa ## the kill tests for KILL_ROUNDS rounds (default 10, a few minutes each), each with a seed of its own
	@for round in $$(seq $${KILL_ROUNDS:-10}); do \
		seed=$${MASH_KILL_SEED:-$$(date +%s)}; echo "round $$round: to repeat it, MASH_KILL_SEED=$$seed KILL_ROUNDS=1 make kills"; \
		MASH_KILL_SEED=$$seed $(BIN)/python -m pytest -q tests/faults || exit 1; done

.PHONY: lock
lock: ## resolve the locks again, with hashes and without any index address (needs uv)
	@infra/local/lock.sh

.PHONY: clean
clean: ## take away what make has made: .venv, build, the demo's home, caches
	@rm -rf $(VENV) build dist mash-demo mash-demo.root-key .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# ------------------------------------------------------------------ what the above stand on

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..." >&2; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# Two locks, each by hash; then the package itself, editable, without looking for anything more.
$(VENV)/runtime.stamp: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "installing what the embedded runtime needs"
	@$(PIP) install --require-hashes --no-deps -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/runtime.stamp requirements/test.txt
	@echo "installing what the tests need"
	@$(PIP) install --require-hashes --no-deps -r requirements/test.txt
	@touch $@

.PHONY: opa
opa:
	@infra/local/get_opa.sh >/dev/null
