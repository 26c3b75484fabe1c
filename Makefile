# Two commands are enough: `make demo` shows what Offhook does, `make test` proves it.
# Both install what a bare Debian or Ubuntu lacks (build-essential, cmake), or say what to install. The tests also want PostgreSQL's
# programs; without them they say which part they skipped.

.PHONY: demo test bench lint eval weights need fixtures

demo: need
	cargo run --locked --bin offhook -- demo

test: need
	@scripts/need --try /usr/lib/postgresql postgresql
	cargo test --locked --all-targets
	cargo test --locked --doc

bench: need
	cargo bench --locked

lint: need
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Precision, recall and calibration of the extraction on the calls under fixtures/calls.
eval: need
	cargo test --locked --test eval -- --nocapture

# Learns the weights of words anew from the labelled calls and samples (minutes, most of them to build).
weights: need
	cargo test --locked --release --test weights -- --ignored --nocapture

# Renders the bundled calls again (needs espeak-ng, flite and sox).
fixtures:
	python3 fixtures/speech/build.py

need:
	@scripts/need
