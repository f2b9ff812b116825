# The cuda backend: one plugin, and beside it the launcher, in which the driver lives. Neither needs a
# toolkit: driver, CUPTI, NVRTC, cuBLAS and cuDNN are found at run time. Kernels for operators are made
# where NVRTC is found; elsewhere a GPU has none.

all: $B/plugins/hardware/cuda.so $B/lib/hone-launcher $B/lib/operators.ptx

cuda_objects     := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/*.c) hardware/cuda/operators/list.c)
launcher_objects := $(patsubst %.c,$B/%.o,$(wildcard hardware/cuda/launcher/*.c) \
                      hardware/cuda/operators/list.c)

$B/plugins/hardware/cuda.so: $(cuda_objects) $(device_scan) $B/hardware/command.o $B/hardware/trust.o
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
# PTX for the oldest device that NVRTC knows, which later ones take too.
nvrtc := $(firstword $(wildcard $(addsuffix /lib64/libnvrtc.so.1[0-9],$(CUDA_HOME) /usr/local/cuda)))
operators := plugins/random.h plugins/rounding.h $(addprefix hardware/cuda/operators/,operation.h kernels.cu)

$B/lib/operators.ptx: $(operators) $B/lib/hone-nvrtc
	@mkdir -p $(@D) $B/operators
	@printf '#include <prelude.h>\n#include "solve.cu"\n' >$B/operators/hone.cu
	@sed '/^#include/d' $(operators) >$B/operators/solve.cu
	$(if $(nvrtc),$(call run,NVRTC,cd $B/operators && ../lib/hone-nvrtc $(nvrtc) sm_75 ../lib/operators.ptx \
	    --std=c++17 --include-path=$(CURDIR)/hardware/device/common >log || { cat log; exit 1; }), \
	    @echo "  no NVRTC: a GPU has no operators but NVIDIA's"; : >$@)

# A driver and a CUPTI without a device, for the tests of the launcher.
fake_objects := $(patsubst %.c,$B/%.o,$(wildcard tests/fake_cuda/*.c))

$B/tests/fake_cuda/operators.o: hardware/cuda/operators/kernels.cu

$B/tests/fake_cuda.so: $(fake_objects)
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^ -lm)

$B/test: | $B/tests/fake_cuda.so
# The words of operators, without a driver.
$B/tests/fuzz/fuzz_operators: $(call objects,hardware/cuda/operators/list.c \
    $(patsubst %,hardware/cuda/launcher/%.c,operator operator_read step function cublas cudnn symbols))

# What tests look at without a plugin around it.
$B/test: $(call objects,hardware/cuda/agreement.c hardware/cuda/launcher/driver.c)
$B/tests/test_cuda_driver.o $B/tests/test_cuda_library.o: CPPFLAGS += $(addprefix -isystem ,$(wildcard /usr/local/cuda/include))
