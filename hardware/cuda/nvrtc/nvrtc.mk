# The program that compiles CUDA text in the jail. It finds NVRTC at run time: no toolkit is needed to
# build it. Never instrumented, as it is to start fast.

all: $B/lib/hone-nvrtc $(patsubst hardware/cuda/nvrtc/include/%,$B/lib/device/nvrtc/%, \
         $(wildcard hardware/cuda/nvrtc/include/*.h))

# Headers in front of the toolkit's.
$B/lib/device/nvrtc/%.h: hardware/cuda/nvrtc/include/%.h
	@mkdir -p $(@D)
	$(call run,CP,cp $< $@)

nvrtc_objects := $(patsubst hardware/cuda/%.c,$B/nvrtc/%.o,$(wildcard hardware/cuda/nvrtc/*.c))

$B/nvrtc/%.o: hardware/cuda/%.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O2 -g -MMD -MP -c -o $@ $<)

$B/lib/hone-nvrtc: $(nvrtc_objects)
	@mkdir -p $(@D)
	$(call run,LD,$(CC) -o $@ $^ -ldl)

# What the plugin is made of besides its launcher; the tests and fuzzers use it directly.
nvrtc_parts := $(addprefix hardware/cuda/,assembler.c check.c compile.c cubin.c diagnose.c image.c \
                 places.c ptx.c toolkit.c toolkit_headers.c)

$B/test $B/bench: $(call objects,$(nvrtc_parts) hardware/command.c hardware/trust.c) $(device_scan)
$B/tests/fuzz/fuzz_cubin: $(call objects,hardware/cuda/cubin.c hardware/cuda/image.c \
                            hardware/cuda/ptx.c)

# A library that looks like NVRTC and nvJitLink, for made-up folders; no more instrumented than the
# program that loads it.
$B/tests/fake_nvrtc.o $B/tests/fake_nvrtc.so: override CFLAGS := $(filter-out -fsanitize=%,$(CFLAGS))
$B/tests/fake_nvrtc.so: override LDFLAGS := $(filter-out -fsanitize=%,$(LDFLAGS))
$B/tests/fake_nvrtc.so: $B/tests/fake_nvrtc.o
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^)

$B/test: | $B/tests/fake_nvrtc.so
