# `make` alone lists the targets. Each works on a fresh machine: it sets up .venv first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPARK := .venv-spark
DOCS := .venv-docs
METRICS := .venv-metrics
SUPERSET := .venv-bi
# dbt and the S3 client read the environment only; what is not set there stands in .env, if that exists.
ENV := $(if $(wildcard .env),$(BIN)/dotenv -f .env run --no-override --)

INICIO := $(shell date +%s)

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A terminal sees at which package pip is, on one line; a log only what goes wrong.
instalar = set -o pipefail; $(or $(2),$(BIN))/python -m pip install $$([ -t 2 ] || echo -qq) --progress-bar off \
	--disable-pip-version-check --no-deps --require-hashes -r $(1) | { [ -t 2 ] && awk -v n="$$(grep -c '^[a-z].*==' $(1))" ' \
	/^Collecting/ { i++; printf "\r\033[K%d of %d packages: %.50s", i, n, $$2 } \
	/^Installing/ { printf "\r\033[K%d packages read, being unpacked", i } \
	{ fflush() } END { printf "\r\033[K" }' >&2 || cat > /dev/null; }

# An environment of its own: its folder, its requirements, and what they are; then the project in it.
ambiente = set -e; test -x $(1)/bin/python || $(PYTHON) -m venv $(1); echo "installing $(3) into $(1)"; \
	$(call instalar,$(2),$(1)/bin)
projeto = $(1)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .

.PHONY: setup
setup: $(VENV)/pronto dbt_packages/.pronto ## Install the pinned requirements, the dbt packages and the card key
	@$(BIN)/lastro key > /dev/null

$(VENV)/pronto: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(call ambiente,$(VENV),requirements.txt,the requirements)
	@$(call projeto,$(VENV))
	@touch $@

.PHONY: events
events: setup $(VENV)/pronto-events ## Install what Kafka and Kinesis are read with

$(VENV)/pronto-dev $(VENV)/pronto-bench $(VENV)/pronto-events: $(VENV)/pronto-%: $(VENV)/pronto requirements-%.txt
	@echo "installing requirements-$*.txt into $(VENV)"
	@$(call instalar,requirements-$*.txt)
	@touch $@

# Spark's environment holds all of the other one, but for the part of the developers.
.PHONY: spark
spark: $(SPARK)/pronto dbt_packages/.pronto ## Install the third engine, Spark with Iceberg, into $(SPARK) (docs/spark.md)

$(SPARK)/pronto: requirements-spark.txt pyproject.toml loaders/lago/jars.py
	@java -version 2>&1 | grep -q 'version "17' \
		|| { echo "Java 17 is needed for Spark 3.5: java -version does not name it (docs/spark.md)." >&2; exit 1; }
	@$(call ambiente,$(SPARK),requirements-spark.txt,Spark)
	@$(call projeto,$(SPARK))
	@$(SPARK)/bin/python -m loaders.lago.jars
	@touch $@

dbt_packages/.pronto: $(VENV)/pronto packages.yml $(shell find packages -type f)
	@$(BIN)/python -m loaders.projeto.pacotes
	@touch $@

.PHONY: run
run: setup ## The demonstration: sample source, load, build, tests, publication, summary
	@$(ENV) $(BIN)/lastro demo

.PHONY: demo-spark
demo-spark: spark ## The demonstration on Spark: load, lake, replay, build, tests, publication, summary
	@$(ENV) $(SPARK)/bin/lastro demo --spark

# Where Spark's environment is, it loads: it can write the lake too.
LASTRO = $(if $(wildcard $(SPARK)/pronto),$(SPARK)/bin,$(BIN))/lastro

.PHONY: load
load: setup ## Extract the cooperative's database (SICOOPERATIVE_DSN)
	@$(ENV) $(LASTRO) load sicooperative

.PHONY: load-cards
load-cards: setup ## Land the card issuer's monthly files (POD_CARTOES_LOCATION)
	@$(ENV) $(LASTRO) load pod_cartoes

.PHONY: snapshot
snapshot: setup ## Replay the extractions that the history has not seen yet
	@$(ENV) $(BIN)/lastro snapshot

.PHONY: build
build: snapshot ## Build the warehouse with dbt and test its data
	@$(ENV) $(BIN)/dbt build --exclude-resource-type unit_test

.PHONY: upgrade
upgrade: setup ## Give a warehouse of an older version what this one keeps
	@$(ENV) $(BIN)/lastro upgrade

.PHONY: rebuild
rebuild: setup ## Drop what builds made, replay the history and build
	@$(ENV) $(BIN)/lastro rebuild
	@$(ENV) $(BIN)/dbt build --exclude-resource-type unit_test

.PHONY: publish
publish: setup ## Publish what the last build left, if it passed its tests
	@$(ENV) $(BIN)/lastro publish

.PHONY: export
export: setup ## Write movimento_flat to the folder saida/ (or TO=folder)
	@$(ENV) $(BIN)/lastro export movimento_flat --to $(or $(TO),saida)

.PHONY: train
train: setup $(VENV)/pronto-bench ## Export the modelling sample to saida/training (or TO=folder), and train two models on it
	@$(ENV) $(BIN)/lastro export amostra --to $(or $(TO),saida/training)
	@$(BIN)/python docs/training.py $(or $(TO),saida/training)

.PHONY: status
status: setup ## Show loads, rejects and the reconciliation
	@$(ENV) $(BIN)/lastro status

.PHONY: metrics
metrics: setup $(METRICS)/pronto ## Install what `lastro metrics` asks with, into $(METRICS) (docs/metrics.md)

$(METRICS)/pronto: requirements-metrics.txt pyproject.toml
	@$(call ambiente,$(METRICS),requirements-metrics.txt,MetricFlow)
	@$(call projeto,$(METRICS))
	@touch $@

.PHONY: dashboard
dashboard: setup ## Draw a page for each area from what is published, in site/painel
	@$(ENV) $(BIN)/lastro dashboard --to site/painel

.PHONY: bi
bi: setup $(SUPERSET)/pronto ## Serve Apache Superset on what is published, until Ctrl-C (docs/bi.md; or PORT=port)
	@$(ENV) $(BIN)/lastro bi $(PORT:%=--port %)

$(SUPERSET)/pronto: requirements-bi.txt
	@$(call ambiente,$(SUPERSET),requirements-bi.txt,Superset)
	@touch $@

.PHONY: docs
docs: setup $(DOCS)/pronto ## Write the catalogue, site/index.html: it opens without network
	@$(ENV) $(BIN)/lastro catalog --to site

$(DOCS)/pronto: requirements-docs.txt
	@$(call ambiente,$(DOCS),requirements-docs.txt,the catalogue's generator)
	@touch $@

.PHONY: lint lint-dbt lint-python lint-sql
lint: setup $(VENV)/pronto-dev ## Check style, types, and the SQL that differs from main (ALL=1: all)
	@$(MAKE) --no-print-directory -j2 lint-dbt lint-python lint-sql

lint-python:
	@$(BIN)/ruff check --quiet && $(BIN)/ruff format --check --quiet && $(BIN)/mypy \
		&& { ditos="$$($(BIN)/lint-imports --no-cache)" || { echo "$$ditos"; exit 1; }; }

# Each keeps what dbt parsed for itself: they run at the same time.
lint-dbt lint-sql: export LASTRO_TARGET = duckdb
lint-dbt lint-sql: export LASTRO_DUCKDB = target/$@/lint.duckdb
lint-dbt lint-sql: export DBT_TARGET_PATH = target/$@

lint-dbt:
	@mkdir -p target/$@; $(BIN)/python .ci/linhagem.py

lint-sql:
	@mkdir -p target/$@; export PATH="$$PWD/$(BIN):$$PATH"; \
		sql="$$(ALL=$(ALL) python .ci/sql_a_conferir.py)" && { test -z "$$sql" || \
		PYTHONWARNINGS=ignore sqlfluff lint --processes 2 --nocolor --disable-progress-bar $$sql; }

.PHONY: test
test: lint $(DOCS)/pronto ## Everything CI runs, on both engines (CI lints with ALL=1)
	@$(BIN)/pytest -m "not slow and not spark"
	@echo "make test: $$(( $$(date +%s) - $(INICIO) )) s, lint included"

# CI runs lint and the parts side by side; every test is in one of them (tests/python/conftest.py).
.PHONY: test-part
test-part: setup $(VENV)/pronto-dev $(DOCS)/pronto ## The tests of one part: PART=duckdb, postgres, or both (engines, compared)
	@$(BIN)/pytest -m "not slow and not spark$(PART:%= and %)"

.PHONY: test-spark
test-spark: spark setup $(VENV)/pronto-dev ## The third engine: the sample built on Spark, compared with DuckDB
	@$(BIN)/pytest -m "spark and not slow" -n 0 tests/python/lago
	@echo "make test-spark: $$(( $$(date +%s) - $(INICIO) )) s"

.PHONY: test-slow
test-slow: setup $(VENV)/pronto-dev $(VENV)/pronto-bench $(DOCS)/pronto $(METRICS)/pronto $(SUPERSET)/pronto ## The long tests: many kills, large volumes
	@$(BIN)/pytest -m "slow and not spark"

.PHONY: test-slow-spark
test-slow-spark: spark setup $(VENV)/pronto-dev ## The long tests of the third engine: a cluster, the demonstration twice
	@$(BIN)/pytest -m "slow and spark" -n 0 tests/python/lago

.PHONY: bench
bench: setup $(VENV)/pronto-dev $(VENV)/pronto-bench ## Measure loads, facts, marts, book and publication against their bounds; takes hours
	@$(BIN)/python benchmarks/extracao_e_fato.py
	@$(BIN)/python benchmarks/cargas_de_arquivos.py
	@$(BIN)/python benchmarks/eventos.py
	@$(BIN)/python benchmarks/livro.py
	@$(BIN)/python benchmarks/conta_digital.py
	@$(BIN)/python benchmarks/publicacao.py
	@$(BIN)/python benchmarks/ferramentas.py

.PHONY: bench-spark
bench-spark: spark ## Measure the book on a Spark cluster of two workers beside DuckDB
	@$(SPARK)/bin/python benchmarks/lago.py

.PHONY: lock
lock: $(VENV)/pronto-dev ## Pin the requirements again, with hashes
	@for extra in "" "-dev" "-bench" "-spark" "-events" "-metrics"; do \
		$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
			--no-emit-options --annotation-style=line \
			$${extra:+--extra $${extra#-}} -o requirements$$extra.txt pyproject.toml; \
	done
	@$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-emit-options \
		--annotation-style=line -o requirements-docs.txt requirements-docs.in
	@$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-options \
		--annotation-style=line -o requirements-bi.txt requirements-bi.in

.PHONY: clean
clean: ## Delete warehouse/, published/, saida/, target/, logs/ and the sample's server
	@if [ -x $(BIN)/python ]; then \
		$(BIN)/python -c 'from pathlib import Path; from loaders.demo import servidor; servidor.remover(Path(".lastro/demo"))'; \
	fi
	@rm -rf warehouse published saida target logs .lastro/demo
