/* needs.h - what detectors need beside verdicts and times (enum hone_need), and what there is of
 * it.
 *
 * Constant data of plugins, and pure functions; any thread.
 */
#ifndef HONE_CORE_NEEDS_H
#define HONE_CORE_NEEDS_H

#include "core/settings.h"
#include "plugins/detector.h"
#include "plugins/hardware.h"

/* Of a device: what its backend gives, and what the host can gather on any. */
uint32_t hone_needs_given(const struct hone_device *device);

uint32_t hone_needs_of(const struct hone_plugin *detector);

/* "same_inputs, leave_out", for people; a bit this host does not know is "something newer". */
void hone_needs_text(uint32_t needs, char *text, size_t size);

/* Whether every detector in use is there. One that may object to a step and is not is -ENOENT, with
 * a text that names it and says how to go on without; an audit is only missed, in the log. */
int hone_detectors_check(const struct hone_settings *settings, struct hone_error *error);
bool hone_audit_is_absent(const struct hone_use *use);

/* Of all detectors in use that the device does not switch off. `advised`: those of them that only
 * auditing ones want. -EINVAL with a text for a plugin that cannot be loaded. */
int hone_needs_collect(const struct hone_settings *settings, const struct hone_device *device,
                       uint32_t *needs, uint32_t *advised, struct hone_error *error);

/* Whether a detector shall look at this evidence: 1 yes; 0 no, the device switches it off; -EIO
 * with a text: a step that was timed, and that nobody objected to, lacks what the device can give.
 * One that ended before is looked at as it is. */
int hone_needs_met(const struct hone_plugin *detector, const struct hone_evidence *evidence,
                   struct hone_error *error);

#endif
