# The cuda backend: one plugin, and beside it the launcher, in which the driver lives. Neither needs a
# toolkit: driver, CUPTI and NVRTC are found at run time.

all: $B/plugins/hardware/cuda.so $B/lib/hone-launcher

cuda_objects     := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/*.c))
launcher_objects := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/launcher/*.c))

$B/plugins/hardware/cuda.so: $(cuda_objects) $B/hardware/command.o
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -ldl -lm)

$B/lib/hone-launcher: $(launcher_objects)
	@mkdir -p $(@D)
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ -ldl -lm)

$B/hardware/cuda/launcher/device.o: $(wildcard hardware/cuda/launcher/*.ptx)

# A driver and a CUPTI without a device, for the tests of the launcher.
fake_objects := $(patsubst %.c,$B/%.o,$(wildcard tests/fake_cuda/*.c))

$B/tests/fake_cuda.so: $(fake_objects)
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^)

$B/test: | $B/tests/fake_cuda.so
# What tests look at without a plugin around it.
$B/test: $(call objects,hardware/cuda/agreement.c hardware/cuda/launcher/driver.c)
$B/tests/test_cuda_driver.o: CPPFLAGS += $(addprefix -isystem ,$(wildcard /usr/local/cuda/include))
