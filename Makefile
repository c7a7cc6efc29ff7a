# Two commands for a newcomer: `make demo` and `make test`. Each makes its own virtual environment first.
#
#   make test PYTHON=/path/to/python3.13 VENV=.venv-3.13     another interpreter, another environment
#   make test EXAMPLES=10                                     ten times as many examples for each property
#   make test EXTRAS=dev,browser,sdk                          with Okta's SDK, too (see pyproject.toml)
#
# PYTHON counts when an environment is made; one that is there already keeps its interpreter.

PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?= dev,browser

COMMA   := ,
BIN     := $(VENV)/bin
TOOLS   := $(VENV)/tools-$(subst $(COMMA),-,$(EXTRAS))
SOURCES := $(shell find dtr_rules okta_zones tunnel_gateway lab -type f -not -name '*.pyc')
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Tests start the programs hundreds of times; without compiled modules each start would compile the source tree anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-source lint types format pictures clean

demo: $(VENV)/project
	@$(BIN)/tunnel-lab demo

# Against the installed wheel: what a user gets. -P keeps the source tree off the path.
test: $(VENV)/project $(TOOLS)
	$(BIN)/python -P -m pytest

# Against the source tree, which an editor sees.
test-source: $(VENV)/project $(TOOLS)
	PYTHONPATH=$(CURDIR) $(BIN)/python -m pytest

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TOOLS) $(VENV)/project
	$(BIN)/mypy

format: $(TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: $(VENV)/project $(TOOLS)
	$(BIN)/python docs/pictures/demo.py
	$(BIN)/python docs/pictures/sequence.py
	PYTHONPATH=tests/support $(BIN)/python docs/pictures/console.py

clean:
	rm -rf .venv* dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# An interpreter that is too old says so here, in one line, and not in the middle of an installation.
$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, and %s is %s; try: make PYTHON=python3.13" % (sys.executable, sys.version.split()[0]))'
	@echo "making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/dependencies: $(VENV)/python pyproject.toml
	@echo "installing the project's dependencies …"
	@$(PIP) install .
	@touch $@

$(VENV)/project: $(VENV)/dependencies $(SOURCES)
	@$(PIP) install --no-deps --force-reinstall .
	@touch $@

$(TOOLS): $(VENV)/dependencies
	@echo "installing the tools for tests and checks …"
	@$(PIP) install '.[$(EXTRAS)]'
	@touch $@
