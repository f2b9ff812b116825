/* native.h - whether a candidate that is emulated here also compiles for the hardware that its
 * language is for: CUDA by NVRTC, which needs no GPU.
 *
 * The backend and its compiler are looked for when first asked for; without them nothing is
 * checked. Any thread.
 */
#ifndef HONE_CORE_NATIVE_H
#define HONE_CORE_NATIVE_H

#include "core/compile.h"
#include "core/settings.h"

struct hone_native;

/* By setting compile.nvrtc. *native is NULL where it says off; an error only where it says on and
 * there is no NVRTC, or no memory. */
int hone_native_create(const struct hone_settings *settings, struct hone_native **native,
                       struct hone_error *error);
void hone_native_destroy(struct hone_native *native);

/* The backend to compile with; NULL where there is none, or where a step of these stages is not
 * worth it: auto leaves out steps that are not timed. `native` may be NULL. */
const struct hone_instance *hone_native_backend(struct hone_native *native, uint32_t stages);

#endif
