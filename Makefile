# The two commands are `make run` and `make test`. Both set everything up and may be run again.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin

.PHONY: run test test-race test-openstack test-race-openstack bench bench-writes screenshots gallery lighthouse messages check tools requirements
.DEFAULT_GOAL := run

run:
	@scripts/install "$(PYTHON)" requirements.txt
	@exec env PORT='$(PORT)' scripts/run

test: tools
	@scripts/chromium
	@scripts/postgres
	@scripts/vnu
	@scripts/gettext
	@scripts/check
	@$(BIN)/python -m pytest -n 2
	@TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 -m database

test-race: tools
	@scripts/postgres
	@RACE_OPERATIONS=$${RACE_OPERATIONS:-2000} RACE_KILLS=all $(BIN)/python -m pytest tests/race

test-openstack: tools
	@scripts/chromium
	@$(BIN)/python -m pytest -m real --ignore tests/race

test-race-openstack: tools
	@RACE_OPERATIONS=$${RACE_OPERATIONS:-500} $(BIN)/python -m pytest -m real tests/race

screenshots: tools
	@scripts/chromium
	@$(BIN)/python -m tests.screenshots

gallery: tools
	@scripts/chromium
	@GALLERY=$${GALLERY:-var/gallery} $(BIN)/python -m pytest tests/browser/test_axe.py

lighthouse: tools
	@scripts/chromium
	@scripts/lighthouse
	@$(BIN)/python -m tests.lighthouse

messages: tools
	@scripts/gettext
	@scripts/messages

bench: tools
	@$(BIN)/python -m tests.bench.pages

bench-writes: tools
	@$(BIN)/python -m tests.bench.writes

check: tools
	@scripts/check

tools:
	@scripts/install "$(PYTHON)" requirements-dev.txt

requirements: tools
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command 'make requirements' \
			$$name.in -o $$name.txt; done
