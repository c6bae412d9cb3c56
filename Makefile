# SPDX-License-Identifier: GPL-2.0
#
# make                builds the tools into build/bin
# sudo make top       installs what is missing, builds, starts pintop
# sudo make check     installs what is missing, builds, runs every test
# make check-guest    the tests that run in guests only: no root needed
# make help           lists the rest

O		?= build
prefix		?= /usr/local
sbindir		?= $(prefix)/sbin
mandir		?= $(prefix)/share/man
# Put before each tool's name by "make install", for distributions.
APP_PREFIX	?=

CROSS_COMPILE	?=
ifeq ($(origin CC),default)
CC		= $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR		= $(CROSS_COMPILE)ar
endif
CLANG		?= clang
BPFTOOL		?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG	?= pkg-config
INSTALL		?= install

VERSION		:= 0.1
comma		:= ,
GIT_VERSION	:= $(shell git describe --always --dirty 2>/dev/null)

TOOLS		:= pinleak pinscan pintop pintrace pinstat
MANPAGES	:= $(wildcard man/*.8 man/*.5)

# The BPF programs are built for the machine that CC builds for.
TRIPLET		:= $(subst -pc-,-,$(shell $(CC) -dumpmachine 2>/dev/null))
ARCH		:= $(firstword $(subst -, ,$(TRIPLET)))
BPF_ARCH	:= $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(ARCH)))

PKGS		:= libbpf libdw libelf jansson ncursesw
CFLAGS		?= -O2 -g
WARN		:= -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
WARN		+= $(if $(WERROR),-Werror)
ALL_CFLAGS	= -std=gnu11 $(WARN) -D_GNU_SOURCE -I. -Itools/lib -Itools/pinscan -Itools/pintop -Itools/pintrace -Itools/pinleak -Ivmstat -Ibpf -I$(O)/gen \
		  $(if $(STATIC),-DPINSCOPE_STATIC) $(PKG_CFLAGS) $(SAN_FLAGS) $(CFLAGS)
BPF_CFLAGS	= -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter $(if $(WERROR),-Werror) \
		  -D__TARGET_ARCH_$(BPF_ARCH) -Ibpf $(addprefix -isystem ,$(BPF_SYSINC))
BPF_SYSINC	?= $(firstword $(wildcard $(SYSROOT)/usr/include/$(TRIPLET) \
		     /usr/include/$(TRIPLET) /usr/$(TRIPLET)/include))
SAN_FLAGS	:= $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

ifneq ($(SYSROOT),)
# A folder of unpacked -dev packages: for cross builds without foreign packages on the host.
PKG_CFLAGS	= -idirafter $(SYSROOT)/usr/include
PKG_LIBS	= -L$(SYSROOT)/usr/lib/$(TRIPLET) \
		  -Wl,-rpath-link,$(SYSROOT)/usr/lib/$(TRIPLET) \
		  -lbpf -ldw -lelf $(if $(STATIC),-llzma -lbz2) -lz -ljansson -lncursesw -ltinfo \
		  $(if $(STATIC),$(SYSROOT_ZSTD))
# What static libelf and libdw may need, too.
SYSROOT_ZSTD	= $(if $(wildcard $(SYSROOT)/usr/lib/$(TRIPLET)/libzstd.a),-lzstd)
else
PKG_CFLAGS	:= $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS	:= $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs $(PKGS) 2>/dev/null)
endif
# Each tool needs what it uses. A static libdw warns of dlopen(), which it only calls for servers
# of debug info; see tools/lib/debug_file.h.
LIBS		= -Wl,--as-needed $(PKG_LIBS) $(if $(STATIC),-Wl$(comma)--no-warnings)

ifeq ($(V),1)
Q		:=
msg		:=
else ifneq ($(findstring s,$(filter-out ---%,$(firstword -$(MAKEFLAGS)))),)
Q		:= @
msg		:=
else
Q		:= @
msg		= @printf '  %-8s %s\n' "$(1)" "$(2)";
endif

# One scenario of pinsim goes through rdma-core, where that is installed. Cross builds do without.
ifeq ($(SYSROOT),)
VERBS		:= $(shell $(PKG_CONFIG) --static --libs libibverbs 2>/dev/null)
endif
VERBS_CFLAGS	:= $(if $(VERBS),-DHAVE_IBVERBS $(if $(STATIC),-DRDMA_STATIC_PROVIDERS=rxe))
# A static libnl warns of getaddrinfo(), which is not called here.
VERBS_LIBS	:= $(if $(VERBS),-libverbs $(if $(STATIC),$(filter -lrxe%,$(VERBS)) -libverbs \
		     $(filter -lnl%,$(VERBS)) -Wl$(comma)--no-warnings))

LIB_SRC		:= $(filter-out vmstat/pinstat.c,$(wildcard tools/lib/*.c tools/pin*/*.c vmstat/*.c))
LIB_OBJ		:= $(LIB_SRC:%.c=$(O)/%.o)
# See the file for what a static libelf may lack.
STATIC_OBJ	:= $(if $(STATIC),$(if $(shell $(CROSS_COMPILE)nm \
		     $(or $(wildcard $(SYSROOT)/usr/lib/$(TRIPLET)/libelf.a),\
		     $$($(CC) -print-file-name=libelf.a)) 2>/dev/null | grep -m1 'U eu_search_tree'),\
		     $(O)/tools/static/libelf_eu.o))
BPF_SRC		:= $(wildcard bpf/*.bpf.c)
# Programs that are loaded together are linked into one object: the kernel's BTF is read once.
SCAN_BPF	:= $(O)/gen/scan.bpf.o $(O)/gen/setup.bpf.o $(O)/gen/tasks.bpf.o
SKELS		:= $(O)/gen/scanner.skel.h $(O)/gen/scanner.lskel.h $(O)/gen/ledger.skel.h $(O)/gen/trace.skel.h
UNIT		:= $(patsubst tests/unit/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))
MODEL		:= $(patsubst tests/model/%.c,$(O)/tests/%,$(wildcard tests/model/test_*.c))
MODEL_OBJ	:= $(patsubst %.c,$(O)/%.o,$(filter-out %.bpf.c $(wildcard tests/model/test_*.c),\
		     $(wildcard tests/model/*.c)))
WORKLOADS	:= $(O)/tests/pinsim $(O)/tests/exactness $(O)/tests/pinlab
BINS		:= $(TOOLS:%=$(O)/bin/%)
ALL_OBJ		:= $(LIB_OBJ) $(patsubst %.c,$(O)/%.o,$(wildcard tools/*.c vmstat/pinstat.c \
		     tests/unit/*.c tests/workloads/*.c tests/exact/*.c tests/replay/*.c bench/*.c) \
		     $(filter-out %.bpf.c,$(wildcard tests/model/*.c)))

.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: $(BINS)

$(O)/bin/pinstat: $(O)/vmstat/pinstat.o
$(filter-out $(O)/bin/pinstat,$(BINS)): $(O)/bin/%: $(O)/tools/%.o
$(BINS): $(O)/libpinscope.a $(STATIC_OBJ)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(if $(STATIC),-static) $(LDFLAGS) -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lpthread -lm

$(O)/libpinscope.a: $(LIB_OBJ)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Skeletons first: they are generated headers, which no .d file of a first build knows.
$(O)/%.o: %.c $(O)/flags | $(SKELS)
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/gen/%.bpf.o: bpf/%.bpf.c $(O)/flags
	$(call msg,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@ $<

$(O)/gen/model.bpf.o $(O)/gen/feed.bpf.o: $(O)/gen/%.bpf.o: tests/model/%.bpf.c $(O)/flags
	$(call msg,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@ $<

$(O)/gen/ledger.linked.o: $(O)/gen/ledger.bpf.o
$(O)/gen/model.linked.o: $(O)/gen/model.bpf.o
$(O)/gen/feed.linked.o: $(O)/gen/feed.bpf.o
$(O)/gen/trace.linked.o: $(O)/gen/trace.bpf.o
$(O)/gen/scanner.linked.o: $(SCAN_BPF)
$(O)/gen/%.linked.o:
	$(call msg,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(O)/gen/%.skel.h: $(O)/gen/%.linked.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(O)/gen/%.lskel.h: $(O)/gen/%.linked.o
	$(call msg,LSKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton -L $< name $*_light > $@

# Objects are made again when the compilers or their flags change, the version only where it stands.
$(O)/tools/lib/cli.o: $(O)/version
$(O)/tools/lib/cli.o: private CFLAGS += -DPINSCOPE_VERSION='"$(VERSION)$(GIT_VERSION:%= (%))"'
$(O)/tests/workloads/pingpong.o: private CFLAGS += $(VERBS_CFLAGS)
$(O)/flags: NOW = $(filter-out -Werror,$(CC) $(ALL_CFLAGS) $(CLANG) $(BPF_CFLAGS) $(VERBS_CFLAGS))
$(O)/version: NOW = $(VERSION) $(GIT_VERSION)
$(O)/flags $(O)/version: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; echo '$(subst ','\'',$(NOW))' > $$new; \
	cmp -s $$new $@ && rm $$new || mv $$new $@

.PHONY: FORCE
FORCE:

-include $(ALL_OBJ:.o=.d) $(BPF_SRC:bpf/%.c=$(O)/gen/%.d) $(O)/gen/model.bpf.d $(O)/gen/feed.bpf.d

# Static tools for rescue disks, initramfs images and guests.
.PHONY: static
static:
	$(Q)$(MAKE) --no-print-directory O=$(O)/static STATIC=1 all

# --- tests -------------------------------------------------------------------------------------

.PHONY: unit model workloads
unit: $(UNIT)
model: $(MODEL)
workloads: $(WORKLOADS)
.PHONY: replays
replays: $(O)/tests/maketrace

$(UNIT): $(O)/tests/%: $(O)/tests/unit/%.o $(O)/libpinscope.a
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka -lpthread -lm

$(MODEL_OBJ) $(MODEL:$(O)/tests/%=$(O)/tests/model/%.o): $(O)/gen/model.skel.h $(O)/gen/feed.skel.h
$(MODEL): $(O)/tests/%: $(O)/tests/model/%.o $(MODEL_OBJ) $(O)/libpinscope.a
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka -lpthread -lm

$(O)/tests/pinsim: $(patsubst %.c,$(O)/%.o,$(wildcard tests/workloads/*.c))
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(if $(STATIC),-static) $(LDFLAGS) -o $@ $^ $(VERBS_LIBS) -lpthread

$(O)/tests/exactness: $(patsubst %.c,$(O)/%.o,$(wildcard tests/exact/*.c)) $(O)/libpinscope.a $(STATIC_OBJ)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(if $(STATIC),-static) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lm

$(O)/tests/maketrace: $(O)/tests/replay/maketrace.o $(O)/libpinscope.a
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lm

# The program only: its module is built for each guest's kernel. In one step: where its object would
# be is the program.
$(O)/tests/pinlab: tests/pinlab/lab.c tests/pinlab/pinlab.h $(O)/flags
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(STATIC),-static) $(LDFLAGS) -o $@ $<

# --- for people --------------------------------------------------------------------------------

.PHONY: deps top check check-guest guest-shell bench
# All, for those who ask for nothing else; other goals say what they need.
DEPS = build test guest
deps:
	@scripts/deps.sh $(DEPS)

top: DEPS = build
top: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(O)/bin/pintop $(ARGS)

check: deps
	$(Q)tests/check.sh $(T)

# What the scripts for guests read from their environment.
GUEST_ENV	= KERNEL='$(KERNEL)' VMLINUZ='$(VMLINUZ)' MODULES='$(MODULES)' T='$(T)' O='$(O)'

check-guest guest-shell: DEPS = guest
check-guest: deps
	$(Q)$(GUEST_ENV) tests/guest/check.sh $(ARGS)

guest-shell: deps
	$(Q)$(GUEST_ENV) tests/guest/shell.sh $(ARGS)

bench: DEPS = build test
bench: deps
	$(Q)$(MAKE) --no-print-directory all workloads $(O)/bench/scanbench $(O)/bench/ledgerbench \
		$(O)/bench/tracebench
	$(Q)bench/run.sh

$(O)/bench/scanbench: $(O)/bench/scanbench.o $(O)/libpinscope.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lm

# The same made-up memory as the model tests'.
$(O)/bench/tracebench.o: private CFLAGS += -Itests/model
$(O)/bench/tracebench: $(O)/bench/tracebench.o $(O)/tests/model/feed_world.o $(O)/libpinscope.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka -lpthread -lm

$(O)/bench/ledgerbench.o: private CFLAGS += -Itests/model
$(O)/bench/ledgerbench.o: $(O)/gen/model.skel.h
$(O)/bench/ledgerbench: $(O)/bench/ledgerbench.o $(O)/tests/model/world.o $(O)/libpinscope.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka -lpthread -lm

.PHONY: install uninstall clean help
install: all
	$(Q)$(INSTALL) -d $(DESTDIR)$(sbindir)
	$(Q)for t in $(TOOLS); do \
		$(INSTALL) -m 755 $(O)/bin/$$t $(DESTDIR)$(sbindir)/$(APP_PREFIX)$$t || exit; done
	$(Q)for m in $(MANPAGES); do s=$${m##*.}; \
		$(INSTALL) -d $(DESTDIR)$(mandir)/man$$s && \
		$(INSTALL) -m 644 $$m $(DESTDIR)$(mandir)/man$$s/$(APP_PREFIX)$${m##*/} || exit; done

uninstall:
	$(Q)rm -f $(foreach t,$(TOOLS),$(DESTDIR)$(sbindir)/$(APP_PREFIX)$(t)) \
		$(foreach m,$(MANPAGES),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(m)))/$(APP_PREFIX)$(notdir $(m)))

clean:
	$(Q)rm -rf $(O)

help:
	@echo 'make                 build the tools into build/bin'
	@echo 'make static          the same, linked statically, into build/static/bin'
	@echo 'make install         DESTDIR= prefix= sbindir= mandir= APP_PREFIX='
	@echo 'make uninstall       with the same variables'
	@echo 'sudo make top        install what is missing, build, start pintop (ARGS=...)'
	@echo 'sudo make check      install what is missing, build, run every test (T=name for some)'
	@echo 'make check-guest     boot kernels in QEMU, run their tests: KERNEL=6.1 6.12 7.3 newest arm64-6.12'
	@echo '                     or VMLINUZ=file MODULES=.../lib/modules/VERSION (all kernels without),'
	@echo '                     T=name for some tests or T=vfio for scenarios, ARGS=... for tests/guest/run.sh'
	@echo 'make guest-shell     a shell in such a guest: KERNEL= or VMLINUZ= MODULES=, T=, ARGS='
	@echo 'sudo make bench      measure, side by side with what one would use instead'
	@echo 'sudo make deps       only install what is missing'
	@echo 'Variables: V=1 WERROR=1 SAN=1 CC CLANG CROSS_COMPILE SYSROOT BPFTOOL CFLAGS LDFLAGS O=build'
