# The cuda backend: one plugin, and beside it the launcher, in which the driver lives. Neither needs a
# toolkit: driver, CUPTI and NVRTC are found at run time.

all: $B/plugins/hardware/cuda.so $B/lib/hone-launcher

cuda_objects     := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/*.c))
launcher_objects := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/launcher/*.c))

$B/plugins/hardware/cuda.so: $(cuda_objects) $B/hardware/command.o $B/hardware/trust.o
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -ldl -lm)

$B/lib/hone-launcher: $(launcher_objects)
	@mkdir -p $(@D)
	$(call run,LD,$(CC) $(LDFLAGS) -o $@ $^ -ldl -lm)

$B/hardware/cuda/launcher/device.o: $(wildcard hardware/cuda/launcher/*.ptx)

# What the launcher runs before and after calls: PTX made by a toolkit, written back to the oldest
# version that has all it uses, with names that do not tell the folder, and kept here, so that none is
# needed to build.
material_sources := hardware/cuda/launcher/material.cu hardware/cuda/launcher/look.h \
                    plugins/material.h plugins/rounding.h plugins/structure.h plugins/random.h
MATERIAL_PTX ?= hardware/cuda/launcher/material.ptx
NVCC ?= $(firstword $(wildcard /usr/local/cuda/bin/nvcc) nvcc)

material-ptx:
	@{ printf '// material.ptx - material.cu as PTX, by `make material-ptx`. Its sources:\n// %s\n' \
	      "$$(cat $(material_sources) | sha256sum | cut -c1-64)"; \
	  $(NVCC) -ptx -arch=compute_75 -I. -o /dev/stdout hardware/cuda/launcher/material.cu | sed \
	      -e '/^\/\/ Compiler Build/d' -e 's/^\.version .*/.version 7.0/' \
	      -e 's/_INTERNAL_[0-9a-f]*_11_material_cu_[0-9a-f]*/_INTERNAL_material/g' \
	      -e 's/^\.target .*/.target sm_70/'; } >$(MATERIAL_PTX)
.PHONY: material-ptx

# A driver and a CUPTI without a device, for the tests of the launcher.
fake_objects := $(patsubst %.c,$B/%.o,$(wildcard tests/fake_cuda/*.c))

$B/tests/fake_cuda.so: $(fake_objects)
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^)

$B/test: | $B/tests/fake_cuda.so
# What tests look at without a plugin around it.
$B/test: $(call objects,hardware/cuda/agreement.c hardware/cuda/launcher/driver.c)
$B/tests/test_cuda_driver.o: CPPFLAGS += $(addprefix -isystem ,$(wildcard /usr/local/cuda/include))
