# MI: move a live MySQL or MariaDB database without downtime.
#
#   make            build the tools into build/bin
#   make demo       two real servers, a sample shop, a whole import; says what it does
#   make check      every test (installs what it lacks); CLIENT=oracle tests the other client library
#   make check-unit | check-stream | check-server   one layer of them; T=tests/40-dump.bats one file
#   make asan       the tests under AddressSanitizer and UBSan
#   make fuzz       feeds the parsers of what comes from outside, and the router, for FUZZ_SECONDS (10) each
#   make soak       the tests that kill and wait, for long: ROUNDS (100) rounds of each; transactions
#                   of MIB (2048) MiB; no stall of STALL_MS (1000) in a switch
#   make scale      how mi-check grows with the number of tables, TABLES (3000)
#   make valgrind   the unit tests under valgrind
#   make bench      speed, side by side with other tools, in one run
#   make bench-peace   what an application on the source notices of a copy, throttled and not
#   make lint       formatting, static analysis, layers, manual pages
#   make format     applies clang-format
#   make install    PREFIX=/usr/local DESTDIR=
#   make clean
#
# Variables: CC, CFLAGS, LDFLAGS; V=1 prints commands; CLIENT=mariadb|oracle the client library;
# SAN=1 sanitizers. Each combination builds into a directory of its own.

PREFIX ?= /usr/local
DESTDIR ?=
CLIENT ?= mariadb
VERSION := 0.1

OUT := build$(if $(filter oracle,$(CLIENT)),/oracle)$(if $(SAN),/san)
BIN := $(OUT)/bin

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wformat=2 -Wcast-qual -Wwrite-strings -Wundef -Wpointer-arith -Wno-format-truncation
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DMI_VERSION='"$(VERSION)"' -Ilib $(WARNINGS) $(CFLAGS) \
             $(SAN_FLAGS) -pthread -MMD -MP
comma := ,
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

have = $(shell printf '$(hash)include <$(1)>\n' | $(CC) -E -xc - >/dev/null 2>&1 && echo yes)
hash := \#

# What all of it links with; nothing here is a client library.
PURE_LIBS := -lcsv -lz
ifeq ($(call have,libdeflate.h),yes)
ALL_CFLAGS += -DMI_HAVE_LIBDEFLATE
PURE_LIBS += -ldeflate
endif
ifeq ($(call have,zstd.h),yes)
ALL_CFLAGS += -DMI_HAVE_ZSTD
PURE_LIBS += -lzstd
endif
PURE_LIBS += -lm -lxxhash

# What the tools that talk to servers add. (scripts/check-layers says who may include <mysql.h>.)
ifeq ($(CLIENT),oracle)
CLIENT_CFLAGS := $(shell scripts/mysql-env --cflags)
CLIENT_LIBS := $(shell scripts/mysql-env --libs)
else
CLIENT_CFLAGS := $(shell pkg-config --cflags mysqlclient 2>/dev/null)
CLIENT_LIBS := $(shell pkg-config --libs mysqlclient 2>/dev/null)
endif
ALL_CFLAGS += $(CLIENT_CFLAGS)
SERVER_LIBS := $(CLIENT_LIBS) -lssl -lcrypto
ifeq ($(call have,sodium.h),yes)
ALL_CFLAGS += -DMI_HAVE_SODIUM
SERVER_LIBS += -lsodium
endif
SERVER_LIBS += $(PURE_LIBS)

LIB_SRC := $(wildcard lib/*/*.c lib/*/*/*.c)
TOOL_SRC := $(wildcard tools/mi-*.c)
UNIT_SRC := $(wildcard tests/unit/t_*.c)
# Programs that the shell tests use to make and to damage streams.
HELPER_SRC := $(wildcard tests/unit/mk_*.c)

LIB := $(OUT)/libmi.a
TOOLS := $(TOOL_SRC:tools/%.c=$(BIN)/%)
UNITS := $(UNIT_SRC:tests/unit/%.c=$(OUT)/unit/%)
HELPERS := $(HELPER_SRC:tests/unit/%.c=$(OUT)/unit/%)
# These link without a client library, which proves that what they use needs none; so do all unit
# tests but those of lib/server and lib/route.
PURE_TOOLS := mi-cat mi-gtid
SERVER_UNITS := $(filter $(OUT)/unit/t_server_% $(OUT)/unit/t_route_%,$(UNITS))
# A helper that reads from servers, and in which a function of the library is replaced.
BROKEN_DUMP := $(OUT)/unit/mk_broken_dump
$(BROKEN_DUMP): LDFLAGS += -Wl,--wrap=mi_key_predicate

PIPELINES := $(filter-out pipelines/lib pipelines/examples,$(wildcard pipelines/*))
PIPELINE_PARTS := $(wildcard pipelines/lib/*)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

all: $(TOOLS)

$(OUT)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# With P, members keep their folders: many folders have a table.o.
$(LIB): $(LIB_SRC:%.c=$(OUT)/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsP $@ $^

LIBS = $(SERVER_LIBS)
$(PURE_TOOLS:%=$(BIN)/%) $(filter-out $(SERVER_UNITS),$(UNITS)) $(filter-out $(BROKEN_DUMP),$(HELPERS)): LIBS = $(PURE_LIBS)

$(BIN)/%: $(OUT)/tools/%.o $(LIB)
	$(LINK)

$(OUT)/unit/%: $(OUT)/tests/unit/%.o $(LIB)
	$(LINK)

define LINK
$(call say,LD,$@)
@mkdir -p $(@D)
$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(LIB) $(LIBS)
endef

units: $(UNITS) $(HELPERS)

-include $(wildcard $(OUT)/*/*.d $(OUT)/*/*/*.d $(OUT)/*/*/*/*.d)

# ---- Tests ----
#
# scripts/run-tests knows the test files and their layers, scripts/fuzz the fuzzers; here is built what they run.

RUN_TESTS = MI_BIN=$(CURDIR)/$(BIN) scripts/run-tests

deps-build:
	@scripts/deps build

deps-test: deps-build
	@scripts/deps test

BUILD = $(MAKE) -s --no-print-directory -j$(shell nproc)

# The dependencies decide what the build finds (libdeflate), so they come first, in a make of their own.
check: deps-test
	@scripts/fetch-mysql >/dev/null || true
	@$(BUILD) all units
	@! scripts/mysql-env --libs >/dev/null 2>&1 || $(BUILD) CLIENT=oracle all units
	@$(RUN_TESTS) $(or $(T),unit stream server second)

check-unit check-stream check-server: check-%: all units
	@$(RUN_TESTS) $*

asan: deps-test
	@$(BUILD) SAN=1 CFLAGS='-O1 -g' all units
	@MI_BIN=$(CURDIR)/build/san/bin scripts/run-tests $(or $(T),unit stream server)

# How checks grow with the number of tables; on a machine that has nothing else to do.
scale: deps-test
	@$(BUILD) all units
	@TABLES=$(or $(TABLES),3000) MI_BIN=$(CURDIR)/$(BIN) bats -f 'many tables' tests/35-check.bats

soak: deps-test
	@$(BUILD) all units
	@$(BUILD) SAN=1 CFLAGS='-O1 -g' all
	@[ -n '$(T)' ] || MI_BIN=$(CURDIR)/build/san/bin BATS_TEST_TIMEOUT=7200 ROUTE_FUZZ_SECONDS=600 bats --tap tests/94-route-fuzz.bats
	@$(RUN_TESTS) --soak $(T)

valgrind: deps-test units
	@scripts/deps lint
	@INSTRUMENT='valgrind -q --error-exitcode=99 --leak-check=full' $(RUN_TESTS) unit

# scripts/fuzz makes the fuzzers, in a build folder and with a main program (FUZZ_MAIN) of its own.
# The router is fuzzed whole, between two servers.
fuzz: deps-test
	@$(BUILD) all units
	@SEEDS=$(OUT)/unit/mk_fuzz_seeds scripts/fuzz
	@$(BUILD) SAN=1 CFLAGS='-O1 -g' all
	@MI_BIN=$(CURDIR)/build/san/bin BATS_TEST_TIMEOUT=7200 ROUTE_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),10) \
	    bats --tap tests/94-route-fuzz.bats

FUZZ_SRC := $(wildcard tests/fuzz/f_*.c)
FUZZERS := $(FUZZ_SRC:tests/fuzz/%.c=$(OUT)/fuzz/%)
fuzzers: $(FUZZERS)

$(FUZZERS): LIBS = $(PURE_LIBS)
$(FUZZERS): $(OUT)/fuzz/%: $(OUT)/tests/fuzz/%.o $(OUT)/tests/fuzz/driver.o $(LIB)
	$(LINK)

demo: deps-test
	@$(BUILD) all
	@MI_BIN=$(CURDIR)/$(BIN) scripts/demo

bench: deps-test
	@scripts/deps bench
	@$(BUILD) all
	@MI_BIN=$(CURDIR)/$(BIN) scripts/bench

bench-peace: deps-test
	@scripts/deps bench
	@$(BUILD) all
	@CHECK=1 MI_BIN=$(CURDIR)/$(BIN) scripts/bench-peace

# ---- Care ----

C_FILES = $(wildcard lib/*/*.[ch] lib/*/*/*.[ch] tools/*.c tests/unit/*.[ch] tests/fuzz/*.c)

format:
	clang-format -i $(C_FILES)

lint: deps-build
	@scripts/deps lint
	@$(BUILD) all
	clang-format --dry-run -Werror $(C_FILES)
	scripts/check-layers
	scripts/check-circles $(OUT)/lib
	scripts/check-headers $(OUT)/lib
	scripts/check-banned
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	    --suppressions-list=tests/lib/cppcheck.supp -D_GNU_SOURCE -DMI_HAVE_LIBDEFLATE -DMI_HAVE_ZSTD \
	    -DMI_HAVE_SODIUM -Ilib lib tools
	scripts/check-shell
	for page in man/*; do groff -mdoc -ww -z $$page 2>&1 | sed "s|^|$$page: |"; done | (! grep .)

# ---- Installation ----

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/mi/lib $(DESTDIR)$(PREFIX)/share/doc/mi
	install -m 755 $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PIPELINES) $(DESTDIR)$(PREFIX)/libexec/mi
	install -m 644 $(PIPELINE_PARTS) $(DESTDIR)$(PREFIX)/libexec/mi/lib
	install -m 644 $(wildcard pipelines/examples/*) $(DESTDIR)$(PREFIX)/share/doc/mi
	for name in $(notdir $(PIPELINES)); do \
	    ln -sf ../libexec/mi/$$name $(DESTDIR)$(PREFIX)/bin/mi-$$name || exit 1; \
	done
	for page in man/*; do \
	    dir=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
	    install -d $$dir && install -m 644 $$page $$dir || exit 1; \
	done

clean:
	rm -rf build

.SECONDARY:
.PHONY: all units deps-build deps-test check check-unit check-stream check-server asan soak scale valgrind fuzz fuzzers \
        demo bench bench-peace format lint install clean
