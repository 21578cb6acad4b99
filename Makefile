# Everything a stranger needs: `make demo`, then `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKS := requirements/uv.txt requirements/dev.txt

.PHONY: demo serve test bench conformance check setup lock format clean

demo: setup ## the main job, end to end
	$(BIN)/teslimat demo

serve: setup ## the demo's database, kept up for its curl line
	$(BIN)/teslimat sandbox

test: check ## the whole suite
	$(BIN)/pytest

bench: setup ## all benchmarks, or one: make bench ONLY=report_pages
	$(BIN)/python -m bench $(ONLY)

conformance: setup ## docs/conformance.md, from the table of facts
	$(BIN)/python -m tests.conformance

check: setup ## format, lint, types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

setup: $(READY) ## .venv with .venv/bin/teslimat in it

$(READY): $(LOCKS) pyproject.toml client/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/uv.txt requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e ./client -e .
	touch $(READY)

lock: setup ## new versions of everything, with their hashes
	cd requirements && ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o uv.txt uv.in
	cd requirements && ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o dev.txt dev.in

format: setup
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
