# Every target runs in .venv, which the first one makes.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
HOST ?= 127.0.0.1
PORT ?= 8080
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Versions of scikit-learn that test-versions tries, the oldest supported first.
VERSIONS ?= 1.5.2 1.9.0 1.9.1

# What soak runs, each in bounded time.
SOAKS := killed_workers stops bad_bundles_offered swaps malformed overload leaks

.PHONY: help serve convert parity parity-all test test-versions test-pmml4s test-clients soak fuzz coverage lint format bench bench-graphs bench-peers bench-pmml clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

serve: convert ## Convert the examples, then serve every bundle on http://127.0.0.1:8080
	isomorph serve artifacts --host $(HOST) --port $(PORT)

convert: $(STAMP) ## Convert the examples, or your own: MODEL=file SAMPLE=table NAME=name
	$(if $(MODEL),isomorph convert "$(MODEL)" --sample "$(SAMPLE)" --name "$(NAME)",python examples/build.py)

parity: $(STAMP) ## Prove every model of the gate equal in every format (pytest parity_tests)
	pytest parity_tests

parity-all: $(STAMP) ## Prove every pipeline of the suite, in all processors
	ISOMORPH_PIPELINES=all OMP_NUM_THREADS=1 pytest parity_tests/test_pipelines.py parity_tests/test_coverage.py -n auto

test: convert ## Run every test, the parity gate over the converted examples included
	pytest -n auto --dist loadfile

test-versions: ## Prove every pipeline with each supported scikit-learn: VERSIONS="1.5.2 1.9.1"
	$(foreach version,$(VERSIONS),$(PYTHON) -m venv .build/scikit-learn-$(version) && .build/scikit-learn-$(version)/bin/pip install -q -e '.[convert,pmml]' scikit-learn==$(version) palmerpenguins setuptools pytest pytest-timeout pytest-xdist hypothesis httpx && ISOMORPH_PIPELINES=all OMP_NUM_THREADS=1 .build/scikit-learn-$(version)/bin/python -m pytest -q -n auto -W ignore::DeprecationWarning parity_tests/test_pipelines.py tests/converters/test_sklearn_to_pmml.py &&) true

test-pmml4s: convert ## Ask PMML4S, another PMML engine, in an environment of its own under .build
	ISOMORPH_PMML4S=1 pytest -v tests/parity/test_pmml4s.py

test-clients: convert ## Ask with the real clients (Triton, KServe, MLflow, AWS, ...), each in its environment under .build
	ISOMORPH_CLIENTS=1 pytest -v tests/clients

soak: $(STAMP) ## Kill, stop, spoil, swap, flood and leak under load for about 15 minutes (docs/reliability.md)
	@failed=; for each in $(SOAKS); do \
	echo "== $$each"; timeout 1000 python tests/soak/$$each.py || failed="$$failed $$each"; done; \
	test -z "$$failed" || { echo "not as it should be:$$failed"; exit 1; }

fuzz: convert ## Send thousands of generated requests to a running service (schemathesis, under .build)
	python tests/fuzz/openapi.py

coverage: $(STAMP) ## Prove every pipeline, measure skl2onnx beside it, write docs/coverage.md
	OMP_NUM_THREADS=1 python -m parity_tests.pipelines.coverage

lint: $(STAMP) ## Check style, formatting, types and the import contracts
	ruff check . && ruff format --check . && mypy && lint-imports

format: $(STAMP) ## Format the code and mend what can be mended
	ruff format . && ruff check --fix .

bench: convert ## Measure the service beside a bare server, what it weighs and how it grows, write docs/benchmarks.md
	python benchmarks/serving.py --write
	python benchmarks/runtime_footprint.py --write
	python benchmarks/scaling.py --write
	python benchmarks/gathering.py --write

bench-graphs: $(STAMP) ## Measure speed and size of the graphs beside skl2onnx, write docs/speed.md
	python benchmarks/graph_speed.py --write

bench-peers: convert ## Measure the service beside MLflow, MLServer, BentoML, LitServe and FastAPI, each in its environment under .build
	python benchmarks/peers.py --write

bench-pmml: $(STAMP) ## Measure 50 models to PMML in one process beside 50 runs of sklearn2pmml
	python benchmarks/pmml_batch.py

clean: ## Remove the environment, the trained models and the bundles
	rm -rf .venv models dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artifacts/*/

$(STAMP): pyproject.toml $(wildcard requirements/dev.txt)
	$(PYTHON) -m venv .venv
	$(if $(wildcard requirements/dev.txt),$(BIN)/pip install -q -r requirements/dev.txt && $(BIN)/pip install -q --no-deps -e .,$(BIN)/pip install -q -e '.[dev]')
	@touch $@
