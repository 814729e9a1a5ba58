# Everything works inside .venv, which the first target that needs it makes. No sudo, nothing outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SHELL := /bin/bash
# Tests of the upper floors, whose coverage nobody holds: without tracing they take half the time.
UPPER_TESTS := tests/analytics tests/cli tests/drivers tests/report tests/simulate tests/spark
# What runs through a compiled twin where ringthrough-native is installed; without it tests/native skips and says so.
NATIVE_TESTS := tests/native tests/diagnosis tests/properties/test_calls_order.py tests/properties/test_calls_shards.py

.PHONY: help demo test check format native spark bench docs fuzz clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ringthrough needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "the venv module is missing: install the package python3-venv (Debian, Ubuntu), then run make again"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	@touch $@

demo: $(STAMP) ## make up a day of calls and diagnose it, two weeks and report on them; say where the files are
	@mkdir -p demo
	$(BIN)/ringthrough simulate --mix demo --calls 2000 --seed 603 -o demo/day.pcap --truth demo/day.truth.jsonl
	$(BIN)/ringthrough diagnose demo/day.pcap --region US --own 192.0.2.0/24 --html demo/day.html
	@$(BIN)/ringthrough diagnose demo/day.pcap --region US --own 192.0.2.0/24 --csv -o demo/day.csv --quiet
	$(BIN)/ringthrough simulate --world silent-carrier --seed 6 --volume 0.1 --table parquet -o demo/weeks.parquet
	$(BIN)/ringthrough blocks demo/weeks.parquet --limit 12
	$(BIN)/ringthrough report demo/weeks.parquet --html demo/weeks.html
	@echo; echo "files: demo/day.pcap (capture), demo/day.truth.jsonl (what was made up), demo/day.csv (a row per call), demo/day.html (open it in a browser)"
	@echo "two weeks of made-up calls: demo/weeks.parquet, and demo/weeks.html (the report: open it in a browser)"

test: $(STAMP) ## all tests, with branch coverage of the lower floors; then those of the compiled twins, if installed
	@$(BIN)/python -m coverage erase
	RINGTHROUGH_NATIVE=0 $(BIN)/python -m pytest -n auto --cov --cov-report= --ignore tests/native $(UPPER_TESTS:%=--ignore %) $(PYTEST_ARGS)
	@$(BIN)/python tests/coverage_floor.py
	RINGTHROUGH_NATIVE=0 $(BIN)/python -m pytest -n auto $(UPPER_TESTS) $(PYTEST_ARGS)
	$(BIN)/python -m pytest -n auto $(NATIVE_TESTS)

check: $(STAMP) ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the sources in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

native: $(STAMP) ## compile the hot paths (needs a C compiler and the headers of Python); three times as fast
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps ./native

spark: $(STAMP) ## install Spark for --engine spark and its tests (needs Java 17 or newer)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[spark]'

bench: $(STAMP) ## (after make native) benchmarks beside peers; figures belong into bench/RESULTS.md
	$(BIN)/python bench/run.py

fuzz: $(STAMP) ## 100,000 mutated captures and messages
	$(BIN)/python -m pytest tests/fuzz -q --fuzz-inputs 100000

docs: $(STAMP) ## regenerate the generated pages under docs/reference
	$(BIN)/python docs/generate.py

clean: ## remove what make made
	rm -rf $(VENV) native/build native/src/*.egg-info native/src/ringthrough_native/*.c demo dist htmlcov bench/made .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
