# Leadloop in two commands: `make up` and `make test`. No system changes: everything lands in .venv and .venv-tools.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
TOOLS := .venv-tools
BIN := $(VENV)/bin
# Starts a program that ends with its parent, so that nothing is left running when make itself is killed.
LAUNCH := workers/local_stack/launch.py
# A Python of ours to choose: the newest of these on PATH that is 3.11 or later and can make an environment.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
UV = $(shell command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1 && echo uv || echo $(TOOLS)/bin/uv)
SYNC = UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never $(UV) sync --frozen --quiet --compile-bytecode --python '$(PYTHON)'
export VIRTUAL_ENV :=

.PHONY: up test lives long faults bench check format clean help

up: $(VENV)/.run ## Set up a private environment and run everything on this machine; Ctrl-C stops it
	@exec $(BIN)/python -I -S $(LAUNCH) --parent "$$PPID" -- '$(CURDIR)/$(BIN)/leadloop' up

test: $(VENV)/.dev ## Run all tests against a real PostgreSQL and a real Temporal
	@$(BIN)/pytest -n 2 --dist loadscope $(TESTS)

lives: $(VENV)/.dev ## Live 10,000 generated lives under every law, on all cores (LIVES_SEED=n; under two minutes)
	@$(BIN)/pytest -s -m slow tests/leads/test_many_lives.py

long: $(VENV)/.dev ## Ring 5,000 leads' alarms in one second, and lead a long life without a cache; some minutes
	@$(BIN)/pytest -s -m slow tests/journeys tests/histories

faults: $(VENV)/.dev ## Let everything go wrong at random under live load, then audit (FAULT_SEED=n; about five minutes)
	@$(BIN)/pytest -s -m slow tests/faults -k minutes

bench: $(VENV)/.dev ## Measure everything beside the bare thing; some minutes (ROWS="decide ingest", BENCH="--json FILE")
	@$(BIN)/python -m tests.measures $(if $(ROWS),--rows $(ROWS)) $(BENCH)

check: $(VENV)/.dev ## Format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Put the code into the house's form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove the private environments; the data in .leadloop stay
	rm -rf $(VENV) $(TOOLS)

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A development environment can run everything as well, so `up` leaves it as it is.
$(VENV)/.run: uv.lock pyproject.toml | tools
	@if [ -e $(VENV)/.dev ] && ! [ uv.lock -nt $(VENV)/.dev ]; then :; else \
		echo 'Setting up $(VENV) …' && $(SYNC) --extra local --no-dev; fi
	@touch $@

$(VENV)/.dev: uv.lock pyproject.toml | tools
	@echo 'Setting up $(VENV) for development …'
	@$(SYNC) --extra local
	@touch $@

.PHONY: tools
tools:
	@if [ -z '$(PYTHON)' ]; then \
		echo 'Leadloop needs Python 3.11 or later with venv: install it, or run make PYTHON=/path/to/python' >&2; exit 2; fi
	@if ! { command -v uv && uv --version; } >/dev/null 2>&1 && [ ! -x $(TOOLS)/bin/uv ]; then \
		echo 'Getting uv into $(TOOLS) …' && '$(PYTHON)' -m venv $(TOOLS) \
		&& $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'; fi
