# What both devices share of the CUDA language: the scan of a source, linked where it is needed, and
# the headers that a source finds, under lib/device/.

device_scan    := $(patsubst %.c,$B/%.o,$(wildcard hardware/device/*.c))
device_headers := $(shell cd hardware/device && find common cpu -type f ! -name '*.c')

all: $(device_headers:%=$B/lib/device/%)

$B/lib/device/%: hardware/device/%
	@mkdir -p $(@D)
	$(call run,CP,cp $< $@)
