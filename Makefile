# Every target sets up its own virtual environment first. Nothing here needs a GPU or a key;
# the network is used to install packages, and then no more.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
PYTEST_ARGS ?=
CHECKED := agent evals prompts store tests

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-servers lint format types layers packaging evals evals-dev speed check clean

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' Makefile | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# An old pip takes many minutes to choose versions; a new one, seconds.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is too old: Plumbline needs Python 3.11 or newer; try make PYTHON=python3.12" >&2; exit 2; }
	@echo "installing packages in $(VENV): about 600 MB, once" >&2
	@set -e; if command -v uv >/dev/null 2>&1; then \
	  test -x $(BIN)/python || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); \
	  uv pip install --quiet --python $(BIN)/python --editable '.[dev]'; \
	else \
	  test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25' || true; \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'; \
	fi
	@touch $(READY)

setup: $(READY) ## make the virtual environment in .venv

demo: $(READY) ## build the demo library and answer a question about it
	@$(BIN)/plumbline demo

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

test-servers: $(READY) ## the model client against servers we did not write (installs them, half an hour)
	@bash tests/servers/setup.sh $(BIN)/python
	@$(BIN)/python -m pytest -n 0 -rs tests/servers/check_litellm.py tests/servers/check_llama_cpp.py

lint: $(READY) ## ruff: lint and format
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/ruff format --check $(CHECKED)

format: $(READY) ## ruff: mend what it can
	@$(BIN)/ruff check --fix $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

layers: $(READY) ## import-linter: imports run downward only
	@$(BIN)/lint-imports --no-logo

packaging: $(READY) ## build the wheel, install it in a fresh environment, run the demo from it
	@bash .ci/packaging $(BIN)/python

evals: $(READY) ## the bundled evaluation suites and their gates
	@bash .ci/evals $(BIN)/plumbline

evals-dev: $(READY) ## the suites we develop on, where their data lies beside the repository
	@$(BIN)/python -m evals.dev

speed: $(READY) ## measure speed on this machine
	@$(BIN)/python -m evals.speed

check: lint types layers test packaging evals ## everything

clean: ## remove what the targets made
	rm -rf $(VENV) build/servers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .plumbline-demo dist out
	find agent evals prompts store tests -name __pycache__ -type d -prune -exec rm -rf {} +
