.DEFAULT_GOAL := help
SHELL := bash
UV := .tools/uv/bin/uv
BIN := .venv/bin
export UV_PROJECT_ENVIRONMENT := .venv
# Without compiled modules each process that starts compiles 2,000 of them again: 3 s of a core.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo serve test test-fast soak coverage check fix bench clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(UV):
	python3 -m venv .tools/uv
	.tools/uv/bin/python -m pip install --quiet 'uv>=0.9'

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --quiet
	@touch $@

ui/node_modules/.ready: ui/package-lock.json .venv/.ready
	cd ui && ../scripts/node npm ci --silent --no-fund --no-audit
	@touch $@

ui/dist/index.html: ui/node_modules/.ready $(shell find ui/src ui/index.html ui/vite.config.ts -type f 2>/dev/null)
	cd ui && ../scripts/node npm run --silent build

setup: .venv/.ready ui/dist/index.html  ## everything the product needs: Python packages and the built page

demo: setup  ## load data, start everything, open http://127.0.0.1:8000 (SCENARIO=retail|grocery, SIZE=…, RESET=1)
	$(BIN)/ceap demo $(if $(RESET),--reset) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(SIZE),--size $(SIZE))

serve: setup  ## start app, edge and worker on an existing home
	$(BIN)/ceap serve

test: setup  ## every test, on SQLite and PostgreSQL, in a real browser
	$(BIN)/python -m tests.run

test-fast: setup  ## an answer in about a minute
	$(BIN)/python -m tests.run --fast

soak: setup  ## over an hour: test-fast at ten awkward moments, full counts of random cases, both OpenAPI documents
	$(BIN)/python -m tests.run --soak

coverage: setup  ## lines and branches that the suites of `make test` reach, by package
	$(BIN)/python -m tests.coverage

check: setup  ## format, lint, types, import law, migrations, API snapshot, page
	$(BIN)/python -m tests.check

fix: .venv/.ready  ## format and mend what can be mended
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: setup  ## the promises of speed (SCALE=small|full)
	$(BIN)/ceap bench all --scale $(or $(SCALE),full)

clean:
	rm -rf .venv .tools .home ui/node_modules ui/dist
