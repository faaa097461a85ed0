# SPDX-License-Identifier: GPL-2.0
#
# make help lists the targets. Everything that is made lands in build/, every
# download in .cache/.

MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 0.1.0
# The library's file; its name for the linker ends with the first number.
ABI := 1.0.0

# Where things go: see make help.
DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
# Wireshark looks in its own LIBDIR, and in ~/.local/lib/wireshark/plugins.
WIRESHARKDIR ?= $(LIBDIR)/wireshark/plugins

# The guest.
KERNEL ?= 6.1
MODULES ?= moeai moeai_mem_monitor
export KERNEL MODULES MODULE_ARGS MEM CPUS

CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wno-unused-parameter -Wno-missing-field-initializers \
	-Werror=implicit-function-declaration -Werror=incompatible-pointer-types
# include/ has the kernel's <linux/moeai.h>: include/uapi must come first.
CPPFLAGS_ALL = -Iinclude/uapi -Iinclude -D_GNU_SOURCE \
	-DMOEAI_VERSION_STRING='"$(VERSION)"' $(CPPFLAGS)
CFLAGS_ALL = -std=gnu11 $(WARNINGS) $(CFLAGS)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

comma := ,
# A word for the shell.
quoted = '$(subst ','\'',$(1))'

# Asked of pkg-config when a recipe runs, so that make deps can come first.
pkg_cflags = $(shell pkg-config --cflags $(1))
pkg_libs = $(shell pkg-config --libs $(1))
LIBNL := libnl-genl-3.0
MOECTL_NEEDS := smartcols jansson libkmod ncursesw

lib_sources := $(wildcard libmoeai/*.c)
moectl_sources := $(wildcard moectl/*.c)
examples := $(wildcard examples/*.c)
unit_tests := $(wildcard tests/unit/test_*.c)
unit_helpers := tests/filter.c $(filter-out $(unit_tests),$(wildcard tests/unit/*.c))
fuzz_targets := $(wildcard tests/fuzz/fuzz_*.c)
guest_tests := $(wildcard tests/guest/test_*.c)
guest_helpers := tests/filter.c $(filter-out $(guest_tests),$(wildcard tests/guest/*.c))
fault_tests := $(wildcard tests/faults/test_*.c)
fault_helpers := tests/filter.c $(filter-out $(fault_tests),$(wildcard tests/faults/*.c))

# A folder that has no sources yet makes nothing.
LIBRARY := $(if $(lib_sources),build/lib/libmoeai.so build/lib/libmoeai.a) \
	$(patsubst %.in,build/lib/pkgconfig/%,$(notdir $(wildcard libmoeai/libmoeai.pc.in)))
MOECTL := $(if $(moectl_sources),build/bin/moectl)
EXAMPLES := $(examples:%.c=build/%)
UNIT_TESTS := $(unit_tests:%.c=build/%)
GUEST_TESTS := $(guest_tests:%.c=build/%)
BENCH := build/tests/bench/bench build/tests/bench/peer.bpf.o
FAULT_TESTS := $(fault_tests:%.c=build/%)
FUZZ_TESTS := $(fuzz_targets:%.c=build/%)
FUZZERS := $(fuzz_targets:tests/fuzz/%.c=build/fuzz/%)

# These goals install what they need before anything is compiled.
INSTALLED := $(if $(filter check check-all faults fuzz fuzz-corpus demo vm deps lint bench,$(MAKECMDGOALS)),deps)

all: user modules ## everything but the tests
user: $(LIBRARY) $(MOECTL) $(EXAMPLES) ## library, moectl, examples
tests: user $(UNIT_TESTS) $(GUEST_TESTS) $(FUZZ_TESTS) ## the tests, without running them

.PHONY: all user tests

# --- objects -----------------------------------------------------------------
# build/obj is what is shipped, build/pic the shared library's, build/asan what
# the unit tests are made of.

FLAGS_FOR_libmoeai = $(call pkg_cflags,$(LIBNL))
FLAGS_FOR_moectl = $(call pkg_cflags,$(LIBNL) $(MOECTL_NEEDS))
FLAGS_FOR_tests = $(call pkg_cflags,$(LIBNL) $(MOECTL_NEEDS) cmocka)
flags_for = $(FLAGS_FOR_$(firstword $(subst /, ,$<)))
# What is done in a word; make V=1 shows the commands.
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $@;)

compile = $(call say,CC)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(flags_for) -MMD -MP -c -o $@ $<

build/obj/%.o: %.c | $(INSTALLED)
	@mkdir -p $(@D)
	$(compile)

build/pic/%.o: %.c | $(INSTALLED)
	@mkdir -p $(@D)
	$(compile) -fPIC -fvisibility=hidden

build/asan/%.o: %.c | $(INSTALLED)
	@mkdir -p $(@D)
	$(compile) $(SANITIZE) -Ilibmoeai -Imoectl

# What libFuzzer is given: clang's, which tells it where a run has been.
build/fuzz/obj/%.o: %.c | $(INSTALLED)
	@mkdir -p $(@D)
	$(call say,CLANG)clang $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(flags_for) -MMD -MP -c -o $@ $< \
		$(SANITIZE) -fsanitize=fuzzer-no-link -Ilibmoeai -Imoectl

-include $(shell find build/obj build/pic build/asan build/fuzz/obj -name '*.d' 2>/dev/null)

# --- libmoeai ----------------------------------------------------------------

build/lib/libmoeai.so.1: $(lib_sources:%.c=build/pic/%.o) $(wildcard libmoeai/libmoeai.map)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
		$(patsubst %.map,-Wl$(comma)--version-script=%.map,$(filter %.map,$^)) \
		$(LDFLAGS) -o $@ $(filter %.o,$^) $(call pkg_libs,$(LIBNL))

build/lib/libmoeai.so: build/lib/libmoeai.so.1
	@ln -sf $(<F) $@

# One object, in which what is not in the map is nobody's business.
build/lib/libmoeai.o: $(lib_sources:%.c=build/pic/%.o)
	@mkdir -p $(@D)
	$(call say,LD)$(LD) -r -o $@ $^ && $(OBJCOPY) --localize-hidden $@

build/lib/libmoeai.a: build/lib/libmoeai.o
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

pc = sed 's,@PREFIX@,$(1),; s,@LIBDIR@,$(2),; s,@INCLUDEDIR@,$(3),; s,@VERSION@,$(VERSION),' \
	libmoeai/libmoeai.pc.in

# For programs that are built against the tree, not the installed library.
build/lib/pkgconfig/libmoeai.pc: libmoeai/libmoeai.pc.in Makefile
	@mkdir -p $(@D)
	@$(call pc,$(CURDIR)/build,$(CURDIR)/build/lib,$(CURDIR)/include/uapi -I$(CURDIR)/include) >$@

# --- programs ----------------------------------------------------------------
# They find the library by LD_LIBRARY_PATH, as an installed one is found by ld.so.

build/bin/moectl: $(moectl_sources:%.c=build/obj/%.o) build/lib/libmoeai.so
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Lbuild/lib -lmoeai \
		$(call pkg_libs,$(LIBNL) $(MOECTL_NEEDS))

build/examples/%: build/obj/examples/%.o build/lib/libmoeai.so
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $< -Lbuild/lib -lmoeai

build/tests/guest/%: build/obj/tests/guest/%.o \
		$(guest_helpers:%.c=build/obj/%.o) build/lib/libmoeai.so
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Lbuild/lib -lmoeai \
		$(call pkg_libs,$(LIBNL) cmocka)

build/tests/faults/%: build/obj/tests/faults/%.o $(fault_helpers:%.c=build/obj/%.o) build/lib/libmoeai.so
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Lbuild/lib -lmoeai $(call pkg_libs,cmocka)

# The library and moectl are linked in whole, static functions' callers and all.
build/tests/unit/%: build/asan/tests/unit/%.o $(unit_helpers:%.c=build/asan/%.o) \
		$(lib_sources:%.c=build/asan/%.o) \
		$(patsubst %.c,build/asan/%.o,$(filter-out moectl/main.c,$(moectl_sources)))
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(SANITIZE) $(wraps:%=-Wl,--wrap=%) $(LDFLAGS) -o $@ \
		$(filter %.o,$^) $(call pkg_libs,$(LIBNL) $(MOECTL_NEEDS) cmocka)

# The recorder's log, files and clock are the test's.
build/tests/unit/test_recorder: wraps := moeai_open moeai_status_get moeai_monitor_open \
	moeai_monitor_close moeai_monitor_fd moeai_monitor_error moeai_monitor_next \
	moeai_incident_begin moeai_incident_add moeai_incident_size moeai_incident_end \
	moeai_incident_abandon clock_gettime ppoll signals_catch signals_came

# The same, as the fuzz targets need it: the library's socket is tests/fuzz/kernel.c.
WRAPPED := genl_connect connect setsockopt epoll_ctl ppoll send recvfrom recv
fuzzed = $(addprefix $(1)/,$(lib_sources:.c=.o) $(patsubst %.c,%.o,$(filter-out moectl/main.c,\
	$(moectl_sources))) $(addprefix tests/fuzz/,fuzz.o kernel.o))
link_fuzzed = $(SANITIZE) $(WRAPPED:%=-Wl,--wrap=%) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	$(call pkg_libs,$(LIBNL) $(MOECTL_NEEDS))

build/tests/fuzz/fuzz_%: $(addprefix build/asan/tests/fuzz/,fuzz_%.o replay.o) $(call fuzzed,build/asan)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(link_fuzzed)

build/tests/fuzz/record: $(addprefix build/asan/tests/fuzz/,record.o fuzz_session.o) \
		$(call fuzzed,build/asan)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(link_fuzzed)

build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o $(call fuzzed,build/fuzz/obj)
	@mkdir -p $(@D)
	$(call say,LD)clang -fsanitize=fuzzer $(link_fuzzed)

build/tests/bench/bench: $(patsubst %.c,build/obj/%.o,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c))) \
		build/lib/libmoeai.so
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Lbuild/lib -lmoeai \
		$(call pkg_libs,$(LIBNL) libbpf) -pthread

# By clang: gcc's BPF backend is not in every release.
build/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(wildcard tests/bench/*.bpf.h tests/bench/kmod/uapi.h) \
		| $(INSTALLED)
	@mkdir -p $(@D)
	$(call say,BPF)clang -target bpf -mcpu=v3 -O2 -g -Wall -Werror \
		-I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<

# Test objects are no intermediate files.
.SECONDARY:

# --- kernel modules ----------------------------------------------------------
# Each kernel has a tree of its own, of links to the sources, in build/kmod/.
# KDIR= builds for the kernel whose build folder that is.

kernel: $(INSTALLED)
	@tests/vm/kernel $(KERNEL)

modules: $(if $(KDIR),,kernel) ## the modules, for the guest or for KDIR=
	@tests/vm/modules $(if $(KDIR),-k $(KDIR)) $(KBUILD_ARGS)

guide: modules
	@tests/vm/guide

.PHONY: kernel modules guide

# The kernel's client for netlink specs, a test's.
ynl: $(INSTALLED)
	@tests/vm/ynl

.PHONY: ynl

# --- running -----------------------------------------------------------------

# make vm RUN='...' leaves the exit status to make, which reports it and exits
# with 2; tests/vm/guest -- COMMAND has the command's own.
vm: user modules ## a shell command in a guest: RUN='moectl status' [MODULES=] [MODULE_ARGS=] [MEM=] [CPUS=]
	@$(if $(value RUN),,$(error say what to run: make vm RUN='moectl status'))\
	tests/vm/guest -- bash -c $(call quoted,$(value RUN))

demo: user modules ## see it work in a guest, streamed live: files, a flood and a scan, memory pressure [DEMO_SECONDS=] [ONLY=files, guard or memory]
	@tests/vm/foreground tests/vm/guest -- env DEMO_SECONDS=$(DEMO_SECONDS) tests/vm/demo $(ONLY)

demo-picture: user modules ## make docs/demo.svg, the README's picture, of a run of the demo
	@mkdir -p build
	@set -o pipefail; tests/vm/guest -- env DEMO_ROUNDS=1 tests/vm/demo $(ONLY) | tee build/demo.txt
	@tests/vm/picture.py 'moectl why' <build/demo.txt >docs/demo.svg

# T=slow: what make check leaves out, see tests/vm/check.
ifeq ($(T),slow)
override T := $(shell grep -l 'check:.* slow' tests/guest/test_* | sed 's/.*test_//; s/\..*//' | paste -sd,)
endif

# With T=, only what that test needs is built. Unit tests have nothing to do with
# the kernel: they are run with the default one.
T_FILES := $(subst $(comma), ,$(firstword $(subst ., ,$(T))))
T_BUILT := $(foreach file,$(T_FILES),$(filter %/test_$(file) %/fuzz_$(file),$(UNIT_TESTS) \
	$(GUEST_TESTS) $(FUZZ_TESTS)))
T_GUEST := $(foreach file,$(or $(T_FILES),*),$(wildcard tests/guest/test_$(file).*))
# The guide for driver authors begins where modules are built.
GUIDE := $(if $(filter kit,$(T_FILES)),guide)
T_YNL := $(if $(filter clients,$(T_FILES)),ynl)
KERNELS := 6.1 6.12 7.3 debug

ifeq ($(T),detectors)
check: export KERNEL := debug
check: modules
	@tests/vm/detectors/run
else
check: $(if $(T),$(T_BUILT),tests) $(if $(T_GUEST),user modules) $(GUIDE) $(T_YNL) ## the tests but slow ones; T=slow: these; T=file[.case]; KERNEL=6.1, 6.12, 7.3 or debug
	@tests/vm/check $(if $(filter 6.1,$(KERNEL)),,-g) $(call quoted,$(T))
endif

faults: export KERNEL := debug
faults: $(FAULT_TESTS) user modules ## let each allocation fail once, in the debug kernel [T=file[.case]]
	@tests/vm/check -g -s tests/faults $(call quoted,$(T))

fuzz: $(if $(T),$(T:%=build/fuzz/fuzz_%),$(FUZZERS)) $(FUZZ_TESTS) ## look for inputs that break library or moectl [T=target] [FUZZ_SECONDS=300]
	@tests/fuzz/run $(T)

fuzz-corpus: build/tests/fuzz/record user modules ## write tests/fuzz/corpus anew, from the kernel in a guest
	@tests/fuzz/collect

bench: BENCH_RUNS ?= 5
bench: export BENCH_KMOD := yes
bench: $(BENCH) user modules ## how fast it is next to its peers [ONLY=part,…] [BENCH_RUNS=5]
	@tests/bench/run $(BENCH_RUNS) $(subst $(comma), ,$(ONLY))

bench-plot: ## keep the plot of the last make bench for the README
	@cp build/bench.svg docs/bench.svg

coverage: ## which lines of modules, library and moectl the tests reach [T=file[.case]]
	@tests/vm/coverage $(if $(T),$(call quoted,$(T)))

check-all: ## all tests on all kernels, faults, and whether the debug kernel finds bugs
	@failed=''; \
	try() { echo "== $$*"; $(MAKE) --no-print-directory "$$@" || failed+=", $$*"; }; \
	for kernel in $(KERNELS); do \
		try check KERNEL=$$kernel T=; try check KERNEL=$$kernel T=slow; \
	done; \
	try check T=detectors; try faults T=; \
	[ -z "$$failed" ] || { echo "failed: $${failed#, }"; exit 1; }

abi: build/lib/libmoeai.so ## what programs were compiled with is what they still get
	@tests/abi/check

abi-dump: build/lib/libmoeai.so ## take the present interface for the released one
	@tests/abi/check --write

lint: kernel ## sparse, W=1, cppcheck, checkpatch, codespell, shellcheck, abi
	@tests/lint

# For tests/lint: all that is compiled for users, warnings as errors.
compile-strictly:
	@printf '%s\n' $(lib_sources) $(moectl_sources) $(examples) $(wildcard tests/*.c tests/unit/*.c tests/guest/*.c tests/faults/*.c) \
		$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)) | \
	xargs -r -P $(shell nproc) -I FILE $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -Werror -Ilibmoeai -Imoectl \
		$(call pkg_cflags,$(LIBNL) $(MOECTL_NEEDS) cmocka) -c -o /dev/null FILE

style: ## what clang-format would change
	@tests/lint --style

deps: ## install the Debian packages that check, demo and vm need
	@tests/vm/deps $(if $(filter lint,$(MAKECMDGOALS)),--all) \
		$(if $(filter fuzz,$(MAKECMDGOALS)),--build --fuzz) \
		$(if $(filter bench,$(MAKECMDGOALS)),--build --guest --bench)

.PHONY: vm demo demo-picture check faults fuzz fuzz-corpus abi abi-dump bench bench-plot coverage check-all lint compile-strictly style deps

# --- installing --------------------------------------------------------------

# FILE:FOLDER[:NAME], and links NAME:TARGET. Kernel headers are apart from those
# of programs, whose names they have.
files_in = $(addsuffix :$(2),$(wildcard $(1)))
INSTALL_FILES = build/lib/libmoeai.so.1:$(LIBDIR):libmoeai.so.$(ABI) \
	build/lib/libmoeai.a:$(LIBDIR) build/bin/moectl:$(BINDIR) \
	$(call files_in,include/moeai/*.h,$(INCLUDEDIR)/moeai) \
	$(call files_in,include/uapi/linux/*.h,$(INCLUDEDIR)/linux) \
	$(call files_in,include/linux/*.h,$(INCLUDEDIR)/moeai/kernel/linux) \
	$(call files_in,include/uapi/linux/*.h,$(INCLUDEDIR)/moeai/kernel/uapi/linux) \
	$(foreach n,3 4 7 8,$(call files_in,*/man/*.$(n),$(MANDIR)/man$(n))) \
	moectl/completion/moectl.bash:$(BASHDIR):moectl moectl/completion/_moectl:$(ZSHDIR) \
	docs/wireshark/moeai.lua:$(WIRESHARKDIR)

# A page of several functions is found by the name of each.
page_links = $(shell awk '/^\.Nd/ { nextfile } /^\.Nm/ { page = FILENAME; sub(/.*\//, "", page); \
	if ($$2 ".3" != page) print $$2 ".3:" page }' libmoeai/man/*.3)
INSTALL_LINKS = $(LIBDIR)/libmoeai.so.1:libmoeai.so.$(ABI) $(LIBDIR)/libmoeai.so:libmoeai.so.1 \
	$(addprefix $(MANDIR)/man3/,$(page_links))

part = $(word $(1),$(subst :, ,$(2)))
place = $(DESTDIR)$(call part,2,$(1))/$(or $(call part,3,$(1)),$(notdir $(call part,1,$(1))))
define newline


endef

install: user ## library, moectl, headers, man pages, completion, dissector: DESTDIR, PREFIX, BINDIR, LIBDIR …
	@$(foreach f,$(INSTALL_FILES),install -D -m $(if $(findstring /bin/,$(f)),755,644) \
		$(call part,1,$(f)) $(call place,$(f))$(newline)@)
	@$(foreach l,$(INSTALL_LINKS),ln -sf $(call part,2,$(l)) $(DESTDIR)$(call part,1,$(l))$(newline)@)
	@install -d $(DESTDIR)$(LIBDIR)/pkgconfig
	@$(call pc,$(PREFIX),$(LIBDIR),$(INCLUDEDIR)) >$(DESTDIR)$(LIBDIR)/pkgconfig/libmoeai.pc
	$(if $(DESTDIR),,-ldconfig)

uninstall: ## remove what install put there
	@rm -f $(foreach f,$(INSTALL_FILES),$(call place,$(f))) \
		$(foreach l,$(INSTALL_LINKS),$(DESTDIR)$(call part,1,$(l))) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/libmoeai.pc
	@-rmdir --ignore-fail-on-non-empty $(addprefix $(DESTDIR)$(INCLUDEDIR)/moeai, \
		/kernel/uapi/linux /kernel/uapi /kernel/linux /kernel '')

modules_install: ## the modules, for the running kernel or KDIR= [INSTALL_MOD_PATH=]
	@tests/vm/modules -i -k $(or $(KDIR),/lib/modules/$(shell uname -r)/build)

.PHONY: install uninstall modules_install

# --- packages ----------------------------------------------------------------

packages: ## Debian packages, in build/packages
	@tests/packages/build build/packages

check-packages: export KERNEL := 6.1
check-packages: packages kernel ## install, use, upgrade and purge them, in a minimal Debian in a guest
	@tests/packages/check

.PHONY: packages check-packages

# --- the rest ----------------------------------------------------------------

clean: ## remove build/
	rm -rf build

distclean: clean ## remove the downloaded kernels as well
	rm -rf .cache

help: ## this
	@sed -n 's/^\([a-z_-]\+\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: clean distclean help
