# Every target runs in .venv, which the first one makes.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
HOST ?= 127.0.0.1
PORT ?= 8080
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help serve convert parity test lint format bench clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

serve: convert ## Convert the examples, then serve every bundle on http://127.0.0.1:8080
	isomorph serve artifacts --host $(HOST) --port $(PORT)

convert: $(STAMP) ## Convert the examples, or your own: MODEL=file SAMPLE=table NAME=name
	$(if $(MODEL),isomorph convert "$(MODEL)" --sample "$(SAMPLE)" --name "$(NAME)",python examples/build.py)

parity: $(STAMP) ## Prove every model of the gate equal in every format (pytest parity_tests)
	pytest parity_tests

test: convert ## Run every test, the parity gate over the converted examples included
	pytest

lint: $(STAMP) ## Check style, formatting, types and the import contracts
	ruff check . && ruff format --check . && mypy && lint-imports

format: $(STAMP) ## Format the code and mend what can be mended
	ruff format . && ruff check --fix .

bench: $(STAMP) ## Measure what the runtime weighs: size, import, start, memory
	python benchmarks/runtime_footprint.py

clean: ## Remove the environment, the trained models and the bundles
	rm -rf .venv models dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artifacts/*/

$(STAMP): pyproject.toml $(wildcard requirements/dev.txt)
	$(PYTHON) -m venv .venv
	$(if $(wildcard requirements/dev.txt),$(BIN)/pip install -q -r requirements/dev.txt && $(BIN)/pip install -q --no-deps -e .,$(BIN)/pip install -q -e '.[dev]')
	@touch $@
