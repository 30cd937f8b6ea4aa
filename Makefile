# `make serve` builds the page and serves it; `make test` runs every test. Both install what is missing first (scripts/setup).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
# One version of each tool, whatever else the machine has; the project's own tools come first.
export RUSTUP_TOOLCHAIN := 1.95.0
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
export CHROMIUM ?= /usr/bin/chromium
export CHROMEDRIVER ?= /usr/bin/chromedriver
# Chromium and Trunk must not tint a log that nobody looks at on a terminal.
export NO_COLOR ?= $(if $(CI),true)
ifeq ($(NO_COLOR),)
unexport NO_COLOR
endif

PORT ?= 8080
FUZZ_SECONDS ?= 60
SEEDS ?= 20000 20019
RECORDER ?= tests/difftest/record
say = @printf '\n== %s\n'

.PHONY: help serve build bench fuzz record difftest test test-native test-web test-e2e lint fmt screenshots setup clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

serve: build ## build the page and serve it on http://localhost:8080 (PORT=9000 changes that)
	@node tests/e2e/server.mjs --port $(PORT)

build: ## build the page into dist/: static files, for any web server
	@scripts/setup build
	$(say) "Building the page into dist/ (the first time takes some minutes)"
	trunk build --offline --release --cargo-profile web
	@node scripts/sizes.mjs dist

test: lint test-native test-web test-e2e ## run everything
	$(say) "All tests passed"

lint: ## check format and lints, natively and for the browser
	@scripts/setup build
	$(say) "Checking format"
	cargo fmt --check
	$(say) "Looking for lints, natively (a minute or two the first time)"
	cargo clippy --all-targets -- -D warnings
	$(say) "Looking for lints, for the browser"
	cargo clippy --target wasm32-unknown-unknown --lib --bin app --test web -- -D warnings

test-native: ## run the native tests: engine, tools, transcripts, vectors, simulation
	@scripts/setup native
	$(say) "Running the native tests"
	cargo test

test-web: ## run the tests of components and of the core inside headless Chromium
	@scripts/setup test
	$(say) "Running the tests inside Chromium"
	cargo test --target wasm32-unknown-unknown --test web

test-e2e: build ## drive the built page in Chromium, Firefox and WebKit: stories, layout, hostile input, keyboard, accessibility, Lighthouse
	@scripts/setup test
	$(say) "Driving the built page in Chromium, Firefox and WebKit"
	node tests/e2e/run.mjs

bench: build ## measure what the engine costs, natively and in Chromium, what a frame of the page costs, and what it weighs (KAFKA_LIBS=folder of Kafka's jars measures its assignors too)
	@scripts/setup test
	$(say) "Measuring natively (some minutes of compiling the first time)"
	cargo bench --bench native | tee target/bench-native.txt
	$(say) "Measuring inside Chromium"
	WASM_BINDGEN_TEST_TIMEOUT=600 cargo test --profile web --target wasm32-unknown-unknown --bench web -- --nocapture | tee target/bench-web.txt
ifneq ($(KAFKA_LIBS),)
	$(say) "Measuring Kafka's own assignors"
	java -cp "$(KAFKA_LIBS)/*" benches/jvm/Assignors.java 2>/dev/null | tee target/bench-jvm.txt
	@node scripts/beside.mjs target/bench-jvm.txt target/bench-native.txt target/bench-web.txt
endif
	$(say) "Measuring frames of the page in Chromium (a minute)"
	@node benches/frames.mjs | tee target/bench-frames.txt
	$(say) "What the page weighs"
	@node scripts/sizes.mjs dist

fuzz: ## throw lines, options and scripts from chance at the shell for FUZZ_SECONDS (60)
	@scripts/setup native
	$(say) "Fuzzing for $(FUZZ_SECONDS) seconds"
	FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --test it -- --ignored --nocapture fuzz::fuzz

record: ## record all transcripts anew from a real Kafka (needs Java 17 and Maven; RECORDER=another program that runs one script)
	@RECORDER="$(RECORDER)" scripts/record

difftest: ## random sessions against a real Kafka (needs Java 17 and Maven): SEEDS="first last"
	@scripts/setup native
	$(say) "Building the runner of sessions"
	cargo build --release --bin transcript
	$(say) "Recording seeds $(SEEDS) on a real Kafka: 15 to 50 seconds each"
	tests/difftest/difftest record target/difftest $(SEEDS)
	$(say) "Recording again what differs, to tell a difference from chance"
	tests/difftest/difftest again target/difftest
	$(say) "Comparing"
	tests/difftest/difftest compare target/difftest

screenshots: build ## take the pictures of the README anew, into docs/
	@scripts/setup test
	$(say) "Taking pictures"
	node tests/e2e/screenshots.mjs docs

fmt: ## format the code
	cargo fmt

setup: ## install what building and testing need, and nothing that is there
	@scripts/setup test

clean: ## remove what was built (not the installed tools)
	rm -rf target dist tests/e2e/out
