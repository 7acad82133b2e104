# Needs a Python of 3.11 or newer with its venv module; everything else comes into .venv.
PYTHON ?= python3
ARGS ?=
SIZE ?= S
EXAMPLES ?= 25
IN := .venv/bin/python
CHECKED := accounts config rotation launcher tests manage.py run.py $(wildcard bench)

# Settings that a real installation would have; only for `check --deploy`.
DEPLOYED := ROTATION_DATA=/nonexistent ROTATION_DEMO=0 \
	ROTATION_PUBLIC_URL=https://rundgang.example.org \
	ROTATION_SECRET_KEY=a-key-that-only-the-deployment-check-ever-sees-0123456789-abcdefghij \
	DATABASE_URL=postgres://check@127.0.0.1:9/check REDIS_URL=redis://127.0.0.1:9/0 \
	EMAIL_URL=smtp://127.0.0.1:9

.DEFAULT_GOAL := help
.PHONY: help run test test-api test-pages check fmt lock messages bench demo backup restore upgrade dev

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: ## Set everything up and serve; Ctrl-C stops it
	@$(PYTHON) run.py

test: ## Run every test; ARGS="-k word" chooses, REQUIRE_BROWSER=1 insists on a Chromium
	@$(PYTHON) run.py --dev -m pytest -m "not pages" $(ARGS)

test-api: ## Call every operation of the API as every role with made-up input; EXAMPLES=25 cases each
	@API_EXAMPLES=$(EXAMPLES) $(PYTHON) run.py --dev -m pytest -s tests/api/test_schemathesis.py $(ARGS)

test-pages: ## Run the wide matrix: every page in both themes, all widths and languages
	@$(PYTHON) run.py --dev -m pytest -m pages $(ARGS)

check: dev ## Check format, lint, types, import contracts, templates, migrations, translations
	$(IN) -m ruff format --check .
	$(IN) -m ruff check .
	$(DEPLOYED) $(IN) -m mypy $(CHECKED)
	$(IN) -c "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
	find templates rotation -name "*.html" -print0 | xargs -0 .venv/bin/djade --target-version 5.2 --check
	$(DEPLOYED) $(IN) manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(IN) manage.py check_translations
	$(DEPLOYED) $(IN) manage.py check --deploy --fail-level WARNING

fmt: dev ## Format the code and the templates
	$(IN) -m ruff check --fix-only .
	$(IN) -m ruff format .
	find templates rotation -name "*.html" -print0 | xargs -0 .venv/bin/djade --target-version 5.2

messages: dev ## Bring the German catalogue up to date with the texts in the code
	-$(DEPLOYED) $(IN) manage.py check_translations --write

bench: ## Run the benchmarks and print one table
	@if [ -d bench ]; then $(PYTHON) run.py --dev -m bench $(ARGS); else echo "There are no benchmarks yet."; fi

demo: ## Replace the demo organisation by a generated one: SIZE=S, M or L
	@$(PYTHON) run.py manage.py demo --size $(SIZE)

backup: ## Write everything that the database holds: FILE=new-file.zip
	@$(PYTHON) run.py manage.py backup $(or $(FILE),$(error Name the file: make backup FILE=rundgang.zip))

restore: ## Bring a database back: FILE=file.zip; ARGS=--replace throws away what it holds
	@$(PYTHON) run.py manage.py restore $(or $(FILE),$(error Name the file: make restore FILE=rundgang.zip)) $(ARGS)

upgrade: ## Back up and bring the database to this version; after `git pull`, while nothing runs
	@$(PYTHON) run.py -m launcher upgrade

lock: dev ## Compile requirements*.in into requirements*.txt, with hashes
	$(IN) -m pip install --quiet --disable-pip-version-check uv
	for name in requirements requirements-embedded requirements-dev; do \
		$(IN) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
			--no-header --quiet $$name.in -o $$name.txt || exit 1; done

dev: # .venv with what tests and checks need
	@$(PYTHON) run.py --dev -c ""
