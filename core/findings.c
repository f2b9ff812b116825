#include "core/findings.h"

#include "core/settings.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

struct hone_finding hone_finding_make(const char *detector, const char *rule, uint32_t severity,
                                      uint32_t line, const char *text) {
    struct hone_finding finding = {.severity = severity, .line = line};
    snprintf(finding.rule, sizeof finding.rule, "%s", rule && *rule ? rule : detector);
    snprintf(finding.text, sizeof finding.text, "%s",
             text && *text ? text : "its detector does not say what it saw");
    return finding;
}

void hone_finding_settle(struct hone_finding *finding, const struct hone_settings *settings) {
    finding->rule[sizeof finding->rule - 1] = '\0';
    finding->text[sizeof finding->text - 1] = '\0';
    hone_text_line(finding->rule);
    hone_text_line(finding->text);
    if (finding->severity < HONE_NOTE || finding->severity > HONE_QUARANTINE)
        finding->severity = HONE_WARN;
    finding->severity = hone_settings_severity(settings, finding->rule, finding->severity);
}

void hone_findings_add(struct hone_finding_list *list, const struct hone_finding *finding) {
    if (list->count == list->capacity) {
        uint32_t least = 0;
        list->lost++;
        for (uint32_t i = 1; i < list->count; i++)
            if (list->rows[i].severity <= list->rows[least].severity)
                least = i;
        if (!list->count || list->rows[least].severity >= finding->severity)
            return;
        list->count--;
        memmove(&list->rows[least], &list->rows[least + 1],
                (list->count - least) * sizeof *list->rows);
    }
    memcpy(&list->rows[list->count++], finding, sizeof *finding);
}
