# Two commands for everyone: `make demo`, `make test`. `make help` lists the rest.
# Needs only make and a Python ≥ 3.11 with venv; everything else goes into $(VENV), at the versions of the locks.

VENV ?= .venv
# A name on the PATH may be a shim that fails when run, so each candidate is run, not looked for. An environment
# that exists keeps its Python; PYTHON=… chooses another.
PYTHON ?=
CANDIDATES = $(or $(PYTHON),$(VENV)/bin/python python3.13 python3.12 python3.11 python3 python)
BIN = $(VENV)/bin
SUITE = $(BIN)/python tools/suite.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help venv dev demo test check lint format types contracts unit postgres python313 e2e wheel docs \
	messages lock lock-upgrade clean

define install
@for candidate in $(CANDIDATES); do \
	if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		exec $$candidate tools/install.py $(VENV) $(1); \
	fi; \
done; \
echo "Lien Mach needs Python 3.11 or later with venv (Debian: apt install python3-venv)" >&2; \
echo "Tried, by running them: $(CANDIDATES)" >&2; exit 1
endef

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1: /p' Makefile | while IFS=: read -r name text; do \
		printf '  make %-13s%s\n' "$$name" "$$text"; done

venv:  ## the environment a user gets
	$(call install)
	@$(BIN)/python hatch_build.py

dev:  ## the same with development, browser and PostgreSQL tools
	$(call install,--dev)
	@$(BIN)/python hatch_build.py

demo: venv  ## a province and two workshops, running; Ctrl-C stops all of it (ARGS="--firms 60000")
	@exec $(BIN)/lienmach demo $(ARGS)

test: dev  ## everything that can run here; what is missing is skipped and named (CI=true: is a failure)
	@exec $(SUITE)

check: dev  ## lint, types, import contracts, generated pages
	@exec $(SUITE) lint types contracts docs

lint: dev  ## ruff
	@exec $(SUITE) lint

format: dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format --quiet .

types: dev  ## mypy with the Django plug-in
	@exec $(SUITE) types

contracts: dev  ## import contracts
	@exec $(SUITE) contracts

unit: dev  ## the tests that need nothing but Python (ARGS="src/lienmach/kernel -k scope")
	@exec $(SUITE) unit -- $(ARGS)

postgres: dev  ## the same tests on a real PostgreSQL, started and stopped here
	@exec $(SUITE) postgres -- $(ARGS)

python313: dev  ## the same tests on Python 3.13
	@exec $(SUITE) python313 -- $(ARGS)

e2e: dev  ## browser tests in the system's Chromium
	@exec $(SUITE) e2e -- $(ARGS)

wheel: dev  ## build the wheel, install it in a clean environment, try it
	@exec $(SUITE) wheel

docs: dev  ## write the generated reference pages anew
	$(BIN)/python tools/reference.py

messages: dev  ## bring the translation catalogues in line with the code
	$(BIN)/python tools/messages.py
	$(BIN)/python hatch_build.py

lock: dev  ## write the locks from pyproject.toml
	$(BIN)/python tools/lock.py

lock-upgrade: dev  ## the same, taking newer releases
	$(BIN)/python tools/lock.py --upgrade

clean:  ## remove what builds and tests leave behind (environments and data stay)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
