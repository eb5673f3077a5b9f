# The first Python found that is new enough; `make install PYTHON=/path/to/python` takes another.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$candidate; break; }; done)
BIN := .venv/bin
ARGS ?=

.PHONY: install demo test lint bench docs

install: .venv/installed

.venv/installed: requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "inforce needs Python 3.11 or newer on the PATH; found none" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	$(BIN)/inforce demo $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

bench: install
	$(BIN)/python -m bench $(ARGS)

docs: install
	$(BIN)/python docs/write_events.py
	$(BIN)/python docs/write_asyncapi.py
	$(BIN)/python docs/write_session.py
