# Tongxin: everything a clone needs is done by `make run` or `make test`, on a Debian 12 with make and nothing else.
# What is done already is not done again: each step leaves a stamp and looks at what it was made from.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PYTHON ?= python3
FUZZ_SECONDS ?= 600

VENV := $(CURDIR)/.venv
STAMPS := .venv/stamps
LOGS := build/logs
LOCKS := deploy/requirements
WEB := collab/web/index.html
FONTS := collab/reports/fonts/LICENSE
NODE_MODULES := static/node_modules/.stamp

# What Vite accepts: 20.19, 22.12 or newer.
VITE_RUNS := const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)

# The tests need more of the machine than the server does, the bench more than the tests.
TESTING := setup test test-long lint fuzz pictures
LEVEL := $(if $(filter bench bench-network,$(MAKECMDGOALS)),bench,$(if $(filter $(TESTING),$(MAKECMDGOALS)),test,run))

CORE_SOURCES := $(wildcard signaling/sfu/*.p[xy][xd] signaling/sfu/native/*.[ch]) signaling/sfu/build_core.py
WEB_SOURCES := $(shell find static -name node_modules -prune -o -type f -print 2>/dev/null)

export PATH := $(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON

# $(call quietly,NAME,COMMAND): output goes to build/logs/NAME.log and is shown only when the command fails.
quietly = mkdir -p $(LOGS); $(2) >$(LOGS)/$(1).log 2>&1 || \
	{ tail -n 60 $(LOGS)/$(1).log; echo "This step failed; all it said is in $(LOGS)/$(1).log"; exit 1; }
install = $(call quietly,$(1),$(VENV)/bin/python -m pip install --require-hashes $(foreach file,$(2),-r $(LOCKS)/$(file).txt))

.PHONY: help setup run dev test test-long lint format fuzz pictures bench bench-ar bench-desk bench-live bench-network ocr captions dist lock clean system

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 14

run: $(STAMPS)/core $(WEB) $(FONTS) ## Build what is missing and start the server
	@echo "[5/5] starting the server (Ctrl-C stops it)"
	@exec $(VENV)/bin/tongxin serve

dev: $(STAMPS)/core $(STAMPS)/dev $(NODE_MODULES) $(FONTS) ## Server that reloads, behind Vite's development server
	@trap 'kill $$(jobs -p) 2>/dev/null || true; wait' EXIT; \
	$(VENV)/bin/watchfiles --filter python --sigint-timeout 10 '$(VENV)/bin/tongxin serve' collab rooms signaling & \
	cd static && TONGXIN_DEV_SERVER=http://127.0.0.1:$${TONGXIN_HTTP_PORT:-8080} npm run dev

setup: $(STAMPS)/core $(STAMPS)/dev $(WEB) $(FONTS) ## All that the tests need, without running them

test: setup ## Every check and test that fits into 25 minutes
	@echo "[5/5] checks and tests"
	@$(VENV)/bin/python -m tests.suite

test-long: setup ocr ## Soaks, long fuzzing, everything marked long
	@$(VENV)/bin/python -m tests.suite --long

lint: setup ## Style, types and import rules only
	@$(VENV)/bin/python -m tests.suite checks

format: setup ## Rewrite the sources the way `make lint` wants them
	@$(VENV)/bin/ruff check --fix-only --quiet . ; $(VENV)/bin/ruff format --quiet .
	@cd static && npm run format

fuzz: setup ## Fuzz each native parser for FUZZ_SECONDS (600)
	@$(MAKE) --no-print-directory -C tests/native fuzz SECONDS=$(FUZZ_SECONDS)

pictures: setup ## Take the pictures of docs/images anew, in a real meeting
	@TONGXIN_PICTURES=docs/images $(VENV)/bin/python -m pytest -q -m long tests/e2e/test_pictures.py

bench: setup ## Measure the media server beside a null forwarder and Janus
	@$(VENV)/bin/python -m tests.bench

bench-network: setup ## Measure calls on bad networks beside Janus (as root; eleven minutes)
	@$(VENV)/bin/python -m tests.bench_network

bench-live: setup ## Measure what a livestream costs, beside nginx-rtmp, and write docs/performance-live.md
	@$(VENV)/bin/python -m tests.bench_live --write

bench-ar: setup ## Measure the AR tracker beside OpenCV's (8 minutes; the tables of docs/ar-tracking.md)
	@mkdir -p $(LOGS) build/bench-ar
	@$(call quietly,pip-bench-ar,$(VENV)/bin/python -m pip install --require-hashes --upgrade --target build/bench-ar -r tests/bench_ar/requirements.txt)
	@PYTHONPATH=build/bench-ar $(VENV)/bin/python -m tests.bench_ar --chromium --json build/bench-ar.json --document docs/ar-tracking.md

bench-desk: setup ## Measure the desk's pages with 200,000 requests, and write docs/performance-desk.md
	@$(VENV)/bin/python -m tests.bench_desk --write docs/performance-desk.md

ocr: $(STAMPS)/ocr ## Text recognition of nameplates, an optional 380 MB

captions: $(STAMPS)/captions ## The engine of live captions, an optional 45 MB; the model is yours to choose

dist: $(STAMPS)/core $(WEB) $(FONTS) ## dist/*.whl with the built front end and the compiled core
	@echo "[5/5] building the wheel"
	@rm -rf build/lib* build/bdist* dist
	@$(call quietly,dist,$(VENV)/bin/python -m build --no-isolation --wheel)
	@ls dist/*.whl

lock: $(STAMPS)/dev ## Lock the Python packages anew, with hashes (npm: `npm install` in static/)
	@options="--universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade"; \
	cd $(LOCKS); lock() { $(VENV)/bin/uv pip compile $$options "$$@"; }; \
	lock ../../pyproject.toml -o runtime.txt; \
	lock --extra ocr ../../pyproject.toml -c runtime.txt -o ocr.txt; \
	lock --extra captions ../../pyproject.toml -c runtime.txt -o captions.txt; \
	lock --group ../../pyproject.toml:build -c runtime.txt -o build.txt; \
	lock --group ../../pyproject.toml:node -c runtime.txt -o node.txt; \
	lock --group ../../pyproject.toml:dev -c runtime.txt -c build.txt -o dev.txt

clean: ## Back to a fresh clone; the server's data stays
	rm -rf .venv build dist *.egg-info collab/web collab/reports/fonts static/node_modules signaling/sfu/_sfu.c signaling/sfu/*.so
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system:
	@deploy/system-packages $(LEVEL)

$(STAMPS)/venv: | system
	@echo "[1/5] making the Python environment"
	@$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS); touch $@

$(STAMPS)/runtime: $(LOCKS)/runtime.txt $(LOCKS)/build.txt $(STAMPS)/venv
	@echo "[2/5] installing the server's Python packages"
	@$(call install,pip-runtime,runtime build)
	@touch $@

$(STAMPS)/dev: $(LOCKS)/dev.txt $(STAMPS)/runtime
	@echo "[2/5] installing the test tools"
	@$(call install,pip-dev,runtime build dev)
	@touch $@

# A Node.js from PyPI goes into .venv only where the machine's own is missing or too old for Vite.
$(STAMPS)/node: $(LOCKS)/node.txt $(STAMPS)/runtime
	@{ node -e '$(VITE_RUNS)' && npm --version; } >/dev/null 2>&1 || \
	{ echo "[2/5] installing Node.js into .venv"; $(call install,pip-node,runtime node); }
	@touch $@

$(STAMPS)/ocr: $(LOCKS)/ocr.txt $(STAMPS)/runtime
	@echo "[2/5] installing text recognition"
	@$(call install,pip-ocr,runtime ocr)
	@touch $@

$(STAMPS)/captions: $(LOCKS)/captions.txt $(STAMPS)/runtime
	@echo "[2/5] installing the engine of live captions"
	@$(call install,pip-captions,runtime captions)
	@touch $@

$(STAMPS)/core: pyproject.toml $(CORE_SOURCES) $(STAMPS)/runtime | system
	@echo "[3/5] compiling the media core"
	@$(call quietly,core,$(VENV)/bin/python -m pip install --no-build-isolation --no-deps -e .)
	@touch $@

$(NODE_MODULES): static/package.json static/package-lock.json $(STAMPS)/node
	@echo "[4/5] fetching the front end's packages"
	@$(call quietly,npm,(cd static && npm ci --no-fund --no-audit))
	@touch $@

$(FONTS): $(NODE_MODULES) collab/reports/build_fonts.py
	@echo "[4/5] unpacking the fonts of reports"
	@$(call quietly,fonts,$(VENV)/bin/python -m collab.reports.build_fonts static/node_modules/@fontsource/noto-sans-sc)
	@touch $@

$(WEB): $(NODE_MODULES) $(WEB_SOURCES)
	@echo "[4/5] building the front end"
	@$(call quietly,web,(cd static && npm run build))
	@touch $@
