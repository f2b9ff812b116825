# The shared layout: one source, three committed forms. `make layout-check` shows that they agree.

LAYOUT := ipc/layout.h ipc/layout.json examples/python/hone/layout.py

layout:
	@$(foreach file,$(LAYOUT),etc/layout.awk -v form=$(call layout_form,$(file)) ipc/layout.txt > $(file).new && mv $(file).new $(file) &&) :

layout-check:
	@$(foreach file,$(LAYOUT),etc/layout.awk -v form=$(call layout_form,$(file)) ipc/layout.txt | cmp - $(file) &&) :

layout_form = $(if $(filter %.h,$1),c,$(if $(filter %.json,$1),json,python))

.PHONY: layout layout-check

