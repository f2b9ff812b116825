# make run        the main job: a server, an agent in another process, real kernels, one table
# make test       every test (check is the same)
# make            everything that is built        make install   PREFIX, DESTDIR
# make asan ubsan the tests, instrumented          make race      data races (TSan)
# make layers     who may include whom             make fuzz      libFuzzer, FUZZ_S=60
# make bench      measurements, as ratios          make format    clang-format
# MODE=debug|release|asan|ubsan|tsan builds in build/$(MODE)/; V=1 shows commands

VERSION  := 0.1.0
PREFIX   ?= /usr/local
MODE     ?= release
B        := build/$(MODE)

CFLAGS.debug   := -O0 -g3
CFLAGS.release := -O2 -g
CFLAGS.asan    := -O1 -g -fsanitize=address -fno-omit-frame-pointer
CFLAGS.ubsan   := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
CFLAGS.tsan    := -O1 -g -fsanitize=thread

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla \
            -Wstrict-prototypes -Wmissing-prototypes
CPPFLAGS := -I. -D_GNU_SOURCE -DHONE_VERSION='"$(VERSION)"'
CFLAGS   ?= $(CFLAGS.$(MODE))
override CFLAGS += -std=c17 $(WARN) -fPIC -fvisibility=hidden -pthread
LDFLAGS  += $(filter -fsanitize=%,$(CFLAGS)) -pthread
LIBS     := -ljansson -linih -lsqlite3 -lxxhash -ldl -lm

comma := ,
run = $(if $V,$2,@printf '  %-5s %s\n' $1 $@; $2)
objects = $(patsubst %.c,$B/%.o,$1)

# One .c file under plugins/<kind>/ is one plugin; hardware/<name>/*.c is one too.
core     := $(filter-out core/main.c,$(wildcard core/*.c core/*/*.c))
client   := $(wildcard ipc/*.c)
plugins  := $(patsubst %.c,$B/%.so,$(wildcard plugins/*/*.c))
hardware := $(patsubst hardware/%/,$B/plugins/hardware/%.so,$(wildcard hardware/*/))
tests    := $(wildcard tests/test_*.c)
races    := $(patsubst %.c,$B/%,$(wildcard tests/race/*.c))
guest    := $B/lib/hone-guest $B/lib/hone.ld $B/lib/stubs.ld
examples := $B/examples/tiny

all: $B/hone $B/libhone.so $B/libhone.a $(plugins) $(hardware) $(guest) $(examples)

$B/hone: $(call objects,core/main.c) $(call objects,$(core)) $(call objects,$(client))
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ $(LIBS))

$B/libhone.a: $(call objects,$(client))
	$(call run,AR,rm -f $@ && ar rcs $@ $^)

# The client library has no dependency but libc.
$B/libhone.so: $(call objects,$(client))
	$(call run,SO,$(CC) $(LDFLAGS) -shared -Wl$(comma)-soname$(comma)libhone.so -o $@ $^)

$B/plugins/%.so: $B/plugins/%.o
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -ljansson -lm)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<)

include hardware/cpu/cpu.mk

$B/examples/%: examples/%.c $B/libhone.a
	@mkdir -p $(@D)
	$(call run,CC,$(CC) -Iipc $(CFLAGS) $(LDFLAGS) -o $@ $^)

$B/test: $(call objects,$(tests)) $(call objects,$(core)) $(call objects,$(client))
	$(call run,LD,$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LIBS) -lcriterion)
$(call objects,$(tests)): override CFLAGS += -Wno-conversion    # Criterion's own macros

$(races): $B/%: $B/%.o $(call objects,$(core)) $(call objects,$(client))
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ $(LIBS))

layers:
	@etc/layers.awk $$(git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]')

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build

.PHONY: all layers format clean
.SECONDARY:
-include $(shell find build/$(MODE) -name '*.d' 2>/dev/null)
