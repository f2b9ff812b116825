# A detector of several files.
all: $B/plugins/detector/ptx_policy.so

ptx_policy_objects := $(patsubst %.c,$B/%.o,$(wildcard plugins/detector/ptx_policy/*.c))

$B/plugins/detector/ptx_policy.so: $(ptx_policy_objects)
	@mkdir -p $(@D)
	$(call run,SO,$(CC) $(LDFLAGS) -shared -o $@ $^)

$B/tests/fuzz/fuzz_ptx: $(ptx_policy_objects)
