# One command each. Everything lands in .venv and var; `make clean` takes both away.
#   make demo            install, run the site on this machine, fill its boards; PORT=8123 chooses its port
#                        ONCE=1 ends when the first methods are on every board; MORE=1 when all are; it
#                        fetches the solar cells of groups/elpv (91 MB, CC BY-NC-SA 4.0), or says why not, and installs
#                        what makes the corrupted scenes (450 MB);
#                        FULL=1 submits further methods too and a sweep; an hour and three quarters with all of MORE=1
#   make dev             the demo's site to work on: debug pages, reload when a file changes, FARFIELD_* of the shell
#   make test            install and run the tests; ARGS="-k name" narrows them
#   make install         only install, with the `farfield` command in .venv/bin
#   make lint            style, types, import contracts, migrations
#   make docs            the documents as a site, in var/docs; a link that leads nowhere fails it
#   make picture         draw docs/images/architecture.svg from the imports of the code
#   make screenshots     take the pictures of docs/images anew, from what `make demo` left in var; needs Chromium
#   make bench           how fast it is, against what one would use instead (docs/performance.md); ARGS="--rows 4 7"
#   make chaos           break a running site, count what was lost, stuck or doubled; RUNS=200 SEED=7 choose
#   make fuzz            random nonsense for all that takes strangers' input; SECONDS=60 SEED=7 ARGS=packages choose
#   make clean           stop what runs, remove what was made
# PYTHON=/path/to/python3.12 chooses the interpreter.

PYTHON ?=
ONCE ?=
MORE ?=
FULL ?=
PORT ?=
ARGS ?=
RUNS ?= 200
SEED ?=
SECONDS ?= 600
RUN := .venv/bin/python
CHROMIUM ?= $(shell for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	command -v $$name && break; done)
SOURCES := platform/farfield_web platform/farfield_local evaluators/farfield_evaluators workers/farfield_workers \
	plugins/sdk/farfield plugins/baselines/farfield_baselines demo/farfield_demo

export PYTHON CHROMIUM
# A Python that may keep nothing of what it compiled compiles Django anew in each of a site's and the tests' processes.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install install-more install-dev demo dev test lint docs picture screenshots bench chaos fuzz clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

install:
	@tools/install.sh run

install-more:
	@tools/install.sh more

install-dev:
	@tools/install.sh dev

demo: $(if $(MORE)$(FULL),install-more,install)
	@.venv/bin/farfield demo $(if $(ONCE),--once) $(if $(MORE),--more) $(if $(FULL),--full) $(if $(PORT),--port $(PORT)) $(ARGS)

dev: install-dev
	@.venv/bin/farfield demo --debug $(if $(PORT),--port $(PORT)) $(ARGS)

test: install-dev
	@tools/test.sh $(ARGS)

lint: install-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(RUN) -m mypy $(SOURCES)
	@.venv/bin/lint-imports
	@FARFIELD_DEBUG=1 $(RUN) -W ignore manage.py makemigrations --check --dry-run

docs: install-dev
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --clean

picture: install-dev
	@$(RUN) -m tools.picture

screenshots: install-dev
	@$(RUN) -m tools.screenshots

bench: install-dev
	@$(RUN) -m bench $(ARGS)

chaos: install-dev
	@$(RUN) -m chaos --runs $(RUNS) $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: install-dev
	@$(RUN) -m fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

clean:
	@if [ -x $(RUN) ] && [ -d var ]; then $(RUN) -m farfield_local.stop || true; fi
	@rm -rf var .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
