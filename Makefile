# make run        the main job: a server, an agent in another process, real kernels, one table
# make test       every test (check is the same)
# make            everything that is built        make install   PREFIX, DESTDIR
# make asan ubsan the tests, instrumented         make race      data races (TSan)
# make layers     who may include whom            make fuzz      libFuzzer, FUZZ_S=60
# make layout     regenerate the shared layout    make format    clang-format
# make killmatrix SIGKILL everywhere, REPEAT=3     make soak      leaks, SOAK=20000 (300: a minute)
# make bench      ratios in one run, BENCH=name    make gpu-kit   for etc/gpu-check, elsewhere
# make zoo        cheating and honest kernels, REPEAT=1; ZOO='--rule NAME --json'
#                 each of these four programs, in build/release/, says more with --help
# MODE=release|debug|asan|ubsan|tsan builds in build/$(MODE)/; V=1 shows commands

VERSION  := 0.1.0
PREFIX   ?= /usr/local
MODE     ?= release
B        := build/$(MODE)
FUZZ_S   ?= 10
REPEAT   ?= 3
SOAK     ?= 20000
BENCH    ?=
ZOO      ?=

CFLAGS.debug   := -O0 -g3
CFLAGS.release := -O2 -g
CFLAGS.asan    := -O1 -g -fsanitize=address -fno-omit-frame-pointer
CFLAGS.ubsan   := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
CFLAGS.tsan    := -O1 -g -fsanitize=thread -Wno-tsan
CFLAGS.fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla \
            -Wstrict-prototypes -Wmissing-prototypes
CPPFLAGS := -I. -D_GNU_SOURCE -DHONE_VERSION='"$(VERSION)"'
CFLAGS   ?= $(CFLAGS.$(MODE))
override CFLAGS += -std=c17 $(WARN) -fPIC -fvisibility=hidden -pthread
LDFLAGS  += $(filter -fsanitize=%,$(CFLAGS)) -pthread
LIBS     := -ljansson -linih -lsqlite3 -lxxhash -lseccomp -ldl -lm

comma := ,
run = $(if $V,$2,@printf '  %-5s %s\n' $1 $@; $2)
objects = $(patsubst %.c,$B/%.o,$1)

# One .c file or folder under plugins/<kind>/ is one plugin; so is hardware/<name>/ (its .mk says how).
core     := $(filter-out core/main.c,$(wildcard core/*.c core/operators/*.c))
client   := $(wildcard ipc/*.c)
plugins  := $(patsubst %.c,$B/%.so,$(wildcard plugins/*/*.c))
folders  := $(patsubst %/,$B/%.so,$(wildcard plugins/*/*/))
tests    := $(wildcard tests/test_*.c)
races    := $(patsubst %.c,$B/%,$(wildcard tests/race/*.c))
fuzzers  := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
# The long proofs: each a program of the files in its folder, beside hone, whose plugins it finds so.
proofs   := $B/killmatrix $B/soak $B/bench $B/zoo

all: $B/hone $B/libhone.so $B/libhone.a $(plugins) $(folders) $B/examples/tiny

include core/jail/jail.mk
include hardware/device/device.mk
include hardware/cuda/nvrtc/nvrtc.mk
# Hardware backends append what they build to `all`.
include hardware/cpu/cpu.mk
include hardware/cuda/cuda.mk
include etc/layout.mk

$B/hone: $(call objects,core/main.c $(core) $(client))
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ $(LIBS))

$B/libhone.a: $(call objects,$(client))
	$(call run,AR,rm -f $@ && ar rcs $@ $^)

# The client library has no dependency but libc.
$B/libhone.so: $(call objects,$(client))
	$(call run,SO,$(CC) $(LDFLAGS) -shared -Wl$(comma)-soname$(comma)libhone.so -o $@ $^)

$(plugins): $B/%.so: $B/%.o
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -lm $(LIBS.$(*F)))
LIBS.elf_policy := -lZydis

.SECONDEXPANSION:
$(folders): $B/%.so: $$(call objects,$$(wildcard %/*.c))
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -lm)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<)

# Examples see installed headers only, as a user's program would.
$B/examples/%: examples/%.c $B/libhone.a
	@mkdir -p $(@D) $B/include && ln -sfn $(CURDIR)/ipc $B/include/hone
	$(call run,CC,$(CC) -I$B/include -D_GNU_SOURCE $(CFLAGS) $(LDFLAGS) -o $@ $^)

$B/test: $(call objects,$(tests) $(core) $(client)) $(device_scan)
	$(call run,LD,$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS) -lcriterion)
$(call objects,$(tests)): override CFLAGS += -Wno-conversion    # Criterion's own macros

$(races): $B/%: $B/%.o $(call objects,$(core) $(client))
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ $(LIBS))

# The guest's loader is fuzzed and tested outside the guest.
$B/test: $B/hardware/cpu/guest/load.o
$B/tests/fuzz/fuzz_loader: $B/hardware/cpu/guest/load.o
$B/tests/fuzz/fuzz_scan: $(device_scan)
$B/tests/fuzz/fuzz_spins: $(addprefix $B/hardware/cpu/,cuda_spins.o cuda_pieces.o) $(device_scan)
$B/tests/fuzz/fuzz_unit: $B/hardware/cpu/cuda_text.o
$B/tests/fuzz/fuzz_ptx: $(call objects,$(wildcard plugins/detector/ptx_policy/*.c))
$B/tests/fuzz/fuzz_elf_policy: LIBS += -lZydis
# An engine of its own for who restores a run.
$B/tests/fuzz/fuzz_restore: LIBS += $(patsubst %,-Wl$(comma)--wrap=hone_%,engine_tasks engine_task \
    engine_device engine_rewards engine_protocol engine_seed engine_submit session_counters)
$(fuzzers): $B/%: $B/%.o $(call objects,$(core) $(client))
	$(call run,LD,$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS))

$B/killmatrix: $(call objects,$(wildcard tests/kill/*.c))
$B/soak: $(call objects,$(wildcard tests/soak/*.c))
$B/bench: $(call objects,$(wildcard tests/bench/*.c))
$B/zoo: $(call objects,$(wildcard tests/zoo/*.c))
$(proofs): $(call objects,tests/lab.c $(core) $(client))
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ $(LIBS))

# --- what people call ---

setup: build/.setup
build/.setup: etc/setup.sh
	@etc/setup.sh && mkdir -p build && touch $@

# Set up first, then read this file again: what it finds may be new.
run: setup
	@+$(MAKE) --no-print-directory all
	@etc/tour.sh $B

test check: setup
	@+$(MAKE) --no-print-directory layers run-tests

run-tests: all $B/test $B/zoo
	@rm -f $B/leak.*
	HONE_BUILD=$B ASAN_OPTIONS=log_path=$(CURDIR)/$B/leak:detect_odr_violation=0 \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/leaks.supp:print_suppressions=0 \
	    UBSAN_OPTIONS=print_stacktrace=1 $B/test --timeout 240 -j2 $(TESTS)
	@! cat $B/leak.* 2>/dev/null        # Criterion passes tests that leak

asan ubsan debug: setup
	@+$(MAKE) --no-print-directory MODE=$@ run-tests

race: setup
	@+$(MAKE) --no-print-directory MODE=tsan run-races
run-races: $(races)
	@set -e; for t in $^; do echo "  RACE  $$t"; TSAN_OPTIONS=halt_on_error=1 $$t; done

fuzz: setup
	@+$(MAKE) --no-print-directory MODE=fuzz CC=clang run-fuzzers
run-fuzzers: $(fuzzers)
	@set -e; for f in $^; do echo "  FUZZ  $$f for $(FUZZ_S) s"; \
	    mkdir -p $$f.corpus; $$f -max_total_time=$(FUZZ_S) -verbosity=0 -print_final_stats=0 \
	    -artifact_prefix=$$f. -rss_limit_mb=2048 $$f.corpus; done

killmatrix: setup
	@+$(MAKE) --no-print-directory all $B/killmatrix
	@HONE_BUILD=$B $B/killmatrix $(REPEAT)

soak: setup
	@+$(MAKE) --no-print-directory all $B/soak
	@HONE_BUILD=$B $B/soak $(SOAK)

bench: setup
	@+$(MAKE) --no-print-directory all $B/bench
	@HONE_BUILD=$B $B/bench $(BENCH)

zoo: setup
	@+$(MAKE) --no-print-directory all $B/zoo
	@HONE_BUILD=$B $B/zoo $(if $(filter file,$(origin REPEAT)),1,$(REPEAT)) --beside $(ZOO)

# All that etc/gpu-check needs on a machine with a GPU.
gpu-kit: setup
	@+$(MAKE) --no-print-directory all $B/tests/fake_cuda.so
	@etc/gpu-kit $B

layers:
	@etc/layers.awk $$({ git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]'; } | grep -v tests/attacks_)

install: all
	install -Dm755 $B/hone $(DESTDIR)$(PREFIX)/bin/hone
	install -Dm644 -t $(DESTDIR)$(PREFIX)/include/hone plugins/*.h ipc/hone.h ipc/layout.h
	install -Dm644 -t $(DESTDIR)$(PREFIX)/lib $B/libhone.a
	install -Dm755 -t $(DESTDIR)$(PREFIX)/lib $B/libhone.so
	cd $B && for p in plugins/*/*.so; do install -Dm755 $$p $(DESTDIR)$(PREFIX)/lib/hone/$$p; done
	cd $B/lib && find . -type f -exec install -Dm755 {} $(DESTDIR)$(PREFIX)/lib/hone/{} \;
	cd tasks && find . -type f -exec install -Dm644 {} $(DESTDIR)$(PREFIX)/share/hone/tasks/{} \;
	install -Dm644 etc/hone.ini $(DESTDIR)$(PREFIX)/share/hone/hone.ini
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' etc/hone.pc.in \
	    >$(DESTDIR)$(PREFIX)/lib/pkgconfig/hone.pc

format:
	clang-format -i $$(git ls-files '*.c' '*.h' | grep -v -e '^tasks/' -e '^tests/attacks_' -e '^tests/plans/' \
	    -e '^tests/abi/released/' -e '^tests/hacks/' -e '^tests/honest/')

clean:
	rm -rf build

.PHONY: all setup run test check run-tests asan ubsan debug race run-races fuzz run-fuzzers layers \
        killmatrix soak bench gpu-kit zoo install format clean
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
