# The cpu backend: one plugin, and beside it the guest that runs candidates and what links them to it.
# The guest is static, at a fixed address above the candidates' window, and never instrumented.
# hone-library is the same, but dynamic: for baselines that call a library, and for the operators of
# plans, which are linked into it.

all: $B/plugins/hardware/cpu.so $B/lib/hone-guest $B/lib/hone.ld $B/lib/stubs.ld \
     $B/lib/cuda.ld $B/lib/blocks.o $B/lib/checks.o \
     $B/lib/hone-library $B/lib/library.ld $B/lib/cblas.h $B/lib/hone-operators.so

cpu_objects   := $(patsubst %.c,$B/%.o,$(wildcard hardware/cpu/*.c))
guest_sources := $(wildcard hardware/cpu/guest/*.c)
guest_objects := $(patsubst hardware/cpu/guest/%.c,$B/guest/%.o,$(guest_sources))
library_objects := $(patsubst hardware/cpu/%.c,$B/library/%.o,$(wildcard hardware/cpu/library/*.c hardware/cpu/operators/*.c))
guest_archive  = $(wildcard $(shell $(CC) -print-file-name=$1))

$B/plugins/hardware/cpu.so: $(cpu_objects) $B/hardware/command.o $B/hardware/trust.o $(device_scan)
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -lseccomp -ldl -lm)

$B/guest/%.o: hardware/cpu/guest/%.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O2 -g -fno-pic -fno-stack-protector -MMD -MP -c -o $@ $<)

# libm.a may be a linker script that names the archives behind it.
$B/guest/stubs.S: hardware/cpu/guest/stubs.list hardware/cpu/stubs.awk
	@mkdir -p $(@D)
	$(call run,AWK,nm $(call guest_archive,libc.a) \
	    $$(for a in $(call guest_archive,libm.a) $(call guest_archive,libmvec.a); do \
	        if nm $$a >/dev/null 2>&1; then echo $$a; else grep -o '/[^ ]*\.a' $$a; fi; done | sort -u) \
	    2>/dev/null | awk -f hardware/cpu/stubs.awk hardware/cpu/guest/stubs.list - >$@)

$B/guest/stubs.o: $B/guest/stubs.S
	$(call run,AS,$(CC) -c -o $@ $<)

$B/lib/hone-guest: $(guest_objects) $B/guest/stubs.o
	@mkdir -p $(@D)
	$(call run,LD,$(CC) -static -no-pie -Wl$(comma)-Ttext-segment=0x60000000 -o $@ $^ -lm)

$B/lib/stubs.ld: $B/lib/hone-guest
	$(call run,NM,nm $< | awk '$$3 ~ /^hone_stub_/ { print "PROVIDE(" substr($$3, 11) " = 0x" $$1 ");" }' >$@)

# The stubs of what the shared libraries have; one that names the library's own functions as well.
$B/library/%.o: hardware/cpu/%.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O2 -g -fno-pic -fno-stack-protector -MMD -MP -c -o $@ $<)

$B/library/stubs.S: hardware/cpu/guest/stubs.list hardware/cpu/stubs.awk
	@mkdir -p $(@D)
	$(call run,AWK,for l in libc.so.6 libm.so.6 libmvec.so.1; do \
	    nm -D --defined-only $$($(CC) -print-file-name=$$l) 2>/dev/null; done | sed 's/@.*//' | \
	    awk -f hardware/cpu/stubs.awk hardware/cpu/guest/stubs.list - >$@)

$B/library/stubs.o: $B/library/stubs.S
	$(call run,AS,$(CC) -c -o $@ $<)

# Operators set no errno and no trap, so that loops with functions in them are made of vectors.
operator_flags := -fno-math-errno -fno-trapping-math
$B/library/operators/%.o: CPPFLAGS += $(operator_flags)
$B/hardware/cpu/operators/%.o: CPPFLAGS += $(operator_flags)

$B/lib/hone-library: $(filter-out $B/guest/main.o,$(guest_objects)) $(library_objects) $B/library/stubs.o
	@mkdir -p $(@D)
	$(call run,LD,$(CC) -no-pie -Wl$(comma)-Ttext-segment=0x60000000 -Wl$(comma)-z$(comma)now -o $@ $^ \
	    -ldl -lm $(wildcard $(shell $(CC) -print-file-name=libmvec.so.1)))

$B/lib/library.ld: $B/lib/hone-library
	$(call run,NM,nm $< | awk '$$3 ~ /^hone_stub_/ { print "PROVIDE(" substr($$3, 11) " = 0x" $$1 ");" }' >$@)

$B/lib/cblas.h: hardware/cpu/library/cblas.h
	@mkdir -p $(@D)
	$(call run,CP,cp $< $@)


# Beneath the kernels of a CUDA image, timed and checking: for any x86-64, since only the code of
# the source itself is compiled for this one. No red zone: a fiber is left in the middle of anything.
blocks := run schedule report
runtime_objects = $(patsubst %,$B/device/%.o,$1)

$B/device/%.o: hardware/device/cpu/%.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O2 -fno-pic -mno-red-zone -fno-stack-protector \
	    -fno-asynchronous-unwind-tables -ffreestanding -U_FORTIFY_SOURCE -MMD -MP -c -o $@ $<)

$B/lib/blocks.o: $(call runtime_objects,$(blocks) unchecked)
$B/lib/checks.o: $(call runtime_objects,$(blocks) checks cells guesses knowledge overtaking residents findings lines handlers)
$B/lib/blocks.o $B/lib/checks.o:
	@mkdir -p $(@D)
	$(call run,LD,ld -r -o $@ $^)

$B/lib/%.ld: hardware/cpu/%.ld
	@mkdir -p $(@D)
	$(call run,CP,cp $< $@)

# The same operators as a shared object, for whoever else wants them.
$B/lib/hone-operators.so: $(patsubst %.c,$B/%.o,$(wildcard hardware/cpu/operators/*.c))
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -lm)
