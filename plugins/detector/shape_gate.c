/* shape_gate.c - right on every size that is shown, wrong on those that are not.
 *
 * The verdict is wrong already; an honest mistake at odd sizes looks the same, so this only says
 * where to look. */
#include "plugins/detector/failures.h"

static bool is_hidden(const struct hone_workload_row *row) {
    return row->set == HONE_HIDDEN && !(row->flags & HONE_ROW_STRESS);
}

static bool is_visible(const struct hone_workload_row *row) {
    return row->set != HONE_HIDDEN;
}

static int inspect_run(void *self, const struct hone_evidence *evidence,
                       const struct hone_findings *findings) {
    (void)self;
    const struct tally hidden = count_rows(evidence, is_hidden);
    const struct tally visible = count_rows(evidence, is_visible);
    if (hidden.failed && visible.passed && !visible.failed)
        say(findings, "shape_gate", HONE_WARN, 0,
            "right on all %u sizes that were tried of those shown, not on a hidden one: handle "
            "every size the axes allow, the ones that divide nothing too, and none by its number",
            visible.passed);
    return 0;
}

static const struct hone_detector_ops ops = {.size = sizeof ops, .inspect_run = inspect_run};

RULE("shape_gate", "right on visible sizes only", no_options, create_nothing);
