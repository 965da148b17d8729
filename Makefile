# What you can do here. Every target sets up what it needs first, and leaves out what is already there.
.DEFAULT_GOAL := help
.PHONY: demo stop test check all bench torture screenshots format messages lock install clean help
export PYTHON

demo: ## Set up, fill with demo data, and serve the platform; prints the address and the log-ins
	@tools/run demo

stop: ## End all that `make demo` left: web server, worker, PostgreSQL
	@tools/run stop

test: ## Run all tests, two at a time (ARGS="-k calendar" for some of them)
	@tools/run test $(ARGS)

check: ## Run what CI runs before the tests: ruff, djade, mypy, imports, migrations
	@tools/run check

all: check test ## What CI runs: check, then test

bench: ## Measure holds, availability and the catalogue against their own SQL
	@tools/run bench $(ARGS)

torture: ## Let clients do random acts and die, crash the database, and check what they heard (ARGS="--seconds 600")
	@tools/run torture $(ARGS)

screenshots: ## Take pictures of every page into .run/screenshots
	@tools/run screenshots $(ARGS)

format: ## Write code and templates the way `make check` wants them
	@tools/run format

messages: ## Collect the texts to translate into locale/
	@tools/run messages

lock: ## Pin the requirements anew, with hashes
	@tools/run lock

install: ## Only install: .venv with the development tools, and the front-end files
	@tools/run install

clean: ## Stop, and remove all that was installed or made, the demo database too
	@tools/run clean

help: ## Say this
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
