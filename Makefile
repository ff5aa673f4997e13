# Everything from a clean clone: `make run` serves the platform, `make test` checks it. `make help` lists the rest.
# Real files are the targets, so that nothing is done twice and nothing that was removed by hand is missed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PREPARE := $(PYTHON) app/operations/prepare.py
REAL_DATA := $(or $(RUANG_REAL_DATA),../shared/data/real)
ARGS ?=

READY := $(VENV)/.ready
MODULES := app/frontend/node_modules/.package-lock.json
BUNDLE := app/static/dist/meta.json
FRONTEND := $(shell find app/frontend -name node_modules -prune -o -type f -print 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help run build test test-real bench lint format lock translations clean postgis chromium

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

run: build postgis ## serve on http://127.0.0.1:8000 with a private database and the sample city; Ctrl-C stops
	@exec $(BIN)/ruang run --stop-with-parent $(ARGS)

build: $(READY) $(BUNDLE) $(CATALOGUES) ## install packages, bundle the front end, compile translations

test: build postgis chromium ## all tests on a database of their own (ARGS="-k zoning" for some)
	@$(PREPARE) npm $(VENV) test --silent
	@exec $(BIN)/python -m app.operations.with_cluster $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-real: build postgis ## tests on real plans; fails where the folder RUANG_REAL_DATA is missing
	@test -d "$(REAL_DATA)" || { echo "no real input at $(REAL_DATA): set RUANG_REAL_DATA" >&2; exit 1; }
	@RUANG_REAL_DATA="$(abspath $(REAL_DATA))" \
		$(BIN)/python -m app.operations.with_cluster $(BIN)/python -m pytest -m real $(ARGS)

bench: build postgis ## how fast it answers: ratios within one run, medians
	@exec $(BIN)/python -m app.operations.with_cluster $(BIN)/python -m tests.bench $(ARGS)

lint: build ## style, types, import rules, translations, front end
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m app.operations.translations
	$(PREPARE) npm $(VENV) run lint --silent

format: $(READY) ## rewrite Python files in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: $(READY) ## take new texts into the catalogues, for a translator to fill in
	$(BIN)/python -m app.operations.translations --update

lock: ## pin the newest allowed releases in requirements.lock
	$(BIN)/pip-compile --quiet --upgrade --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --all-extras --output-file requirements.lock pyproject.toml

clean: ## remove what was built; the database in var/ stays
	rm -rf $(VENV) app/frontend/node_modules app/static/dist build *.egg-info \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
	find app -name '*.mo' -delete

$(READY): requirements.lock pyproject.toml
	@$(PREPARE) venv $(VENV)
	@touch $@

$(MODULES): app/frontend/package-lock.json $(READY)
	@echo "== installing the front end's packages" >&2
	@$(PREPARE) npm $(VENV) ci --ignore-scripts --silent
	@touch $@

$(BUNDLE): $(FRONTEND) $(MODULES)
	@echo "== bundling the front end" >&2
	@$(PREPARE) npm $(VENV) run build --silent
	@touch $@

%.mo: %.po $(READY)
	@$(BIN)/pybabel --quiet compile -i $< -o $@

postgis:
	@$(PREPARE) postgis

chromium:
	@$(if $(findstring not browser,$(ARGS)),true,$(PREPARE) chromium)
