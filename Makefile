# Besedka. What each does, in full, is at the top of the script it calls.
.PHONY: help run test bench lint web emulator

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: ## builds everything and starts on http://127.0.0.1:8080
	@scripts/run.sh

test: ## format, lints, Rust tests on both databases, browser tests
	@scripts/test.sh

lint: ## format, rules and lints only
	@scripts/test.sh lint

web: ## the optimised client into dist/
	@scripts/web.sh

bench: ## measures the budgets and prints one table
	@scripts/web.sh && cargo build --locked --release -p server -p emulator -p bench && target/release/bench

emulator: ## the outside world on loopback, for hand work
	@cargo run --locked -p emulator -- --listen 127.0.0.1:8070 --inbox --instance 7103000001:emulated
