# Two commands on a fresh machine: `make run` and `make test`. Needs Python 3.11 or newer with venv, and nothing else.
PYTHON ?= python3
PORT ?= 8000
BIND ?= 127.0.0.1
SITE_NAME ?= Fern Skin Clinic (demo)
PY := .venv/bin/python
FLAGS := --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --quiet
export PYTHONUTF8 := 1

.PHONY: help run demo-reset test unit races journeys check bench requirements clean
help:
	@echo "make run | demo-reset | test | check | bench | requirements"

run: .venv/ready
	@LOCAL=1 BIND="$(BIND)" PORT="$(PORT)" SITE_NAME="$(SITE_NAME)" exec $(PY) manage.py run --bind "$(BIND)" --port "$(PORT)"

demo-reset: .venv/ready
	@LOCAL=1 $(PY) manage.py demo_reset

test: unit races journeys

unit: .venv/tools
	$(PY) -m pytest -n 2 --dist loadfile --ignore=tests/races --ignore=tests/journeys

races: .venv/tools
	$(PY) -m pytest -n 2 tests/races

journeys: .venv/tools
	$(PY) -m tests.browser
	$(PY) -m pytest -n 2 tests/journeys

check: .venv/tools
	$(PY) -m tests.checks

bench: .venv/ready
	$(PY) -m bench

requirements: .venv/tools
	$(PY) -m piptools compile $(FLAGS) requirements.in -o requirements.txt
	$(PY) -m piptools compile $(FLAGS) requirements-dev.in -o requirements-dev.txt

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed. On Debian and Ubuntu: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Installing what the site needs, once …"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch .venv/ready

.venv/tools: .venv/ready requirements-dev.txt
	@echo "Installing the tools, once …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch .venv/tools

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis static_root
