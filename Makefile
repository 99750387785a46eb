# One command for each thing. Every target sets up what it needs: the first run makes .venv, the next ones find it ready.

PYTHON := .venv/bin/python
PYTEST := -m pytest -n 2 --dist worksteal
ON_EVERY_PYTHON := tests/test_packaging.py tests/kernel_ext tests/widgets tests/oracle tests/hostile tests/fuzz tests/corpora/test_corpora.py

# Programs that the longer tests and `make corpora` trace, as JSON lines; absent from a plain clone, where those
# tests say that they are skipped and why.
COTRACE_CORPORA ?= $(abspath ../shared/corpora)
export COTRACE_CORPORA

.DEFAULT_GOAL := help
.PHONY: help demo test check lab timeline bench bench-timeline bench-reasoning corpora fuzz core-sanitized lock clean
.PHONY: environment environments node-modules browser lint quick-tests all-tests timeline-tests other-pythons

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: environment ## The main job on a real program, start to end
	@.venv/bin/cotrace demo

test: environments node-modules browser lint timeline-tests all-tests other-pythons ## Everything that CI runs, on every tested Python found (about 15 minutes; with the corpora 45)

check: lint timeline-tests quick-tests ## The quick part of test: format, lint, types, unit tests (at most a minute)

lab: environment ## JupyterLab with cotrace in it
	@.venv/bin/jupyter lab

timeline: environment node-modules ## Build what notebooks and pages load of the timeline
	@$(PYTHON) widgets/generate_model.py
	@npm run --silent build

bench: environment ## Measure what tracing costs, beside other tracers, and what keeping records costs (some minutes)
	@$(PYTHON) tests/bench/bench_tracing.py
	@echo
	@$(PYTHON) tests/bench/bench_dataset.py --rounds 4

bench-timeline: environment browser ## Measure how soon a long recording is shown in JupyterLab, and what a step costs there
	@$(PYTHON) tests/bench/bench_timeline.py

bench-reasoning: environment ## Measure how well runs of the corpora are told, and which errors the checker finds
	@$(PYTHON) tests/bench/bench_reasoning.py

corpora: environment ## Trace every program of the corpora and print what failed
	@$(PYTHON) tests/corpora/run_corpora.py

fuzz: environment ## Trace three thousand random programs, with both engines where there are two, and print what was recorded wrongly
	@$(PYTHON) tests/fuzz/run_fuzz.py

core-sanitized: environment ## Run tests of the native engine with its core watched for errors of memory (hours with the corpora)
	@.ci/sanitized

lock: environment ## Choose development packages again: the newest that fit pyproject.toml
	@.ci/lock

clean: ## Remove the environments and everything else that git ignores and make can make again
	@rm -rf .venv .venvs node_modules .environments.lock .bench .screenshots build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -f kernel_ext/cotrace/tracing/_core.*.so kernel_ext/cotrace/tracing/_core.*.absent

# ---- what the targets above are made of ----

environment:
	@.ci/bootstrap

environments: environment
	@.ci/bootstrap --others >/dev/null

node-modules: environment
	@$(PYTHON) .ci/node_modules.py

browser: environment
	@$(PYTHON) .ci/browser.py >/dev/null

lint: environment node-modules
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	$(PYTHON) -m pyright --warnings
	npm run --silent check

quick-tests: environment
	$(PYTHON) $(PYTEST) -m "not slow and not torture"

all-tests: environment
	$(PYTHON) $(PYTEST)

timeline-tests: environment node-modules
	npm run --silent test

other-pythons: environment
	@pythons=$$(.ci/bootstrap --others) && for python in $$pythons; do \
	    echo "$$python $(PYTEST) $(ON_EVERY_PYTHON)"; \
	    $$python $(PYTEST) $(ON_EVERY_PYTHON) -m "not newest and not torture" || exit 1; \
	done
