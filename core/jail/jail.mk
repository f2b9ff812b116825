# The program in which compilers are confined: static, so that it starts fast, and never instrumented.

all: $B/lib/hone-jail

jail_objects := $(patsubst core/jail/%.c,$B/jail/%.o,$(wildcard core/jail/*.c))

$B/jail/%.o: core/jail/%.c
	@mkdir -p $(@D)
	$(call run,CC,$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O2 -g -fno-pic -MMD -MP -c -o $@ $<)

$B/lib/hone-jail: $(jail_objects)
	@mkdir -p $(@D)
	$(call run,LD,$(CC) -static -no-pie -o $@ $^)
