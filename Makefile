# SPDX-License-Identifier: Apache-2.0
# The short ways in; CMake does the work (see CMakePresets.json). `make help` lists them.

TRACE ?= examples/http.trace
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

MAREY := build/release/marey

# Of a pipe, the status of the build counts.
SHELL := bash
.SHELLFLAGS := -o pipefail -c

# What the build prints, without the lines that say that there is nothing to do.
only_news = sed -u -e '/^\[0\/[0-9]*\] Re-checking globbed directories\.\.\.$$/d' \
                   -e '/^ninja: no work to do\.$$/d'

# A preset is configured once; after that the build looks after itself.
configured = build/$(1)/build.ninja

.PHONY: all run test bench fuzz lint format install rebaseline conformance help clean deps-%
.DEFAULT_GOAL := all

all: deps-build $(call configured,release)
	@cmake --build build/release --parallel $(JOBS) --target all | $(only_news)

run: all
	@$(MAREY) report "$(TRACE)"

# One ctest run over the plain, the asan+ubsan and the tsan build: see scripts/test.sh.
test: deps-build deps-test
	@JOBS=$(JOBS) scripts/test.sh

bench: deps-build deps-bench
	@JOBS=$(JOBS) scripts/bench.sh

fuzz: deps-build deps-fuzz $(call configured,fuzz)
	@cmake --build build/fuzz --parallel $(JOBS)
	@JOBS=$(JOBS) scripts/fuzz.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

lint: deps-build deps-test deps-lint $(call configured,dev)
	@JOBS=$(JOBS) scripts/lint.sh

format: deps-lint
	@scripts/lint.sh --fix

install: all
	@cmake --install build/release --prefix "$(PREFIX)"

# The outputs in testdata/output and docs/playbook.md, and what docs/ has of the tables.
rebaseline: all deps-test
	@MAREY_REBASELINE=1 MAREY=$(MAREY) python3 tests/golden_output.py testdata
	@git status --short testdata/output docs

conformance: all deps-test
	@JOBS=$(JOBS) scripts/conformance.sh

clean:
	rm -rf build

help:
	@echo 'make               build the optimised command: $(MAREY)'
	@echo 'make run           ... and report on examples/http.trace; make run TRACE=FILE on your own'
	@echo 'make test          build and run every test, plain and under the sanitizers'
	@echo 'make bench         measure the parts and the whole; compares with Go where there is one'
	@echo 'make fuzz          libFuzzer on every target; FUZZ_SECONDS=600 each'
	@echo 'make lint          formatting, static analysis, includes (make format repairs the first)'
	@echo 'make conformance   compare with a Go toolchain on fresh traces'
	@echo 'make rebaseline    write the expected outputs of testdata/output and docs/playbook.md anew'
	@echo 'make install       to PREFIX=/usr/local'
	@echo 'make clean         remove build/'

deps-%:
	@scripts/install-deps.sh $*

# The order-only prerequisite: cmake itself may have to be installed first.
build/%/build.ninja: CMakePresets.json | deps-build
	@mkdir -p build
	@cmake --preset $* >build/$*-configure.log 2>&1 || { cat build/$*-configure.log; exit 1; }
	@touch $@
