#include "core/compile.h"

#include "core/clock.h"
#include "core/compile_cache.h"
#include "core/error.h"
#include "core/jail.h"
#include "core/plan.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct texts {
    char *prelude, *epilogue;
    char *entries; /* of the plan, for the key: a backend may build on them */
};

static char *describe_entries(const struct hone_plan *plan) {
    char *text = NULL;
    size_t size;
    uint32_t count;
    const struct hone_plan_entry *entries = hone_plan_entries(plan, &count);
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        fprintf(out, "%s %u %u", entries[i].name, entries[i].kind, entries[i].line);
        for (uint32_t k = 0; k < entries[i].argument_count; k++) {
            const struct hone_plan_entry_argument *argument = &entries[i].arguments[k];
            fprintf(out, " %u,%u,%u,%u", argument->kind, argument->type_code, argument->type_bits,
                    argument->writes);
        }
        fputc('\n', out);
    }
    const bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

static int make_texts(const struct hone_compile_input *input, struct texts *texts,
                      struct hone_error *error) {
    texts->prelude = input->plan ? hone_plan_macros(input->plan)
                                 : hone_task_prelude(input->task, "solve", false);
    texts->epilogue = input->plan ? hone_plan_epilogue(input->plan)
                                  : hone_task_epilogue(input->task, "solve", false);
    texts->entries = describe_entries(input->plan);
    if (texts->prelude && texts->epilogue && texts->entries)
        return 0;
    return hone_fail(error, -ENOMEM, "compile: out of memory");
}

/* Everything the image depends on, as one block: what the cache compares. */
static int make_key(const struct hone_compile_request *request, const struct texts *texts,
                    const char *toolchain, void **key, uint64_t *bytes) {
    const char *parts[] = {toolchain,
                           request->language,
                           request->options,
                           request->prelude,
                           request->epilogue,
                           texts->entries,
                           request->library ? request->library : ""};
    uint64_t total = request->source_bytes;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        total += strlen(parts[i]) + 1;
    char *out = malloc(total);
    if (!out)
        return -ENOMEM;
    char *end = out;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]) + 1;
        memcpy(end, parts[i], length);
        end += length;
    }
    memcpy(end, request->source, request->source_bytes);
    *key = out;
    *bytes = total;
    return 0;
}

/* The source can make its compiler run into a limit, but that is another signal: SIGKILL comes from
 * an operator, or a kernel out of memory. */
static bool is_killed(const struct hone_compile_output *output) {
    return !output->timed_out && WIFSIGNALED(output->status) && WTERMSIG(output->status) == SIGKILL;
}

/* What the next of several jobs said goes behind it. */
static int keep_diagnostics(struct hone_compiled *compiled, const char *text) {
    const size_t before = compiled->diagnostics ? strlen(compiled->diagnostics) : 0;
    const size_t size = strlen(text) + 1;
    char *longer = realloc(compiled->diagnostics, before + size);
    if (!longer)
        return -ENOMEM;
    memcpy(longer + before, text, size);
    compiled->diagnostics = longer;
    return 0;
}

/* One job; *more says whether the backend has made another one of it, and *left_ns what is left to
 * it of the input's limit. */
static int run_job(const struct hone_instance *hardware, struct hone_compile_job *job,
                   const struct hone_compile_input *input, struct hone_compiled *compiled,
                   struct hone_jail_result *jailed, bool *more, uint64_t *left_ns,
                   struct hone_error *error) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    const uint64_t begun = hone_now_ns();
    const uint64_t limit_s = (*left_ns + 999999999u) / 1000000000u;
    if (input->limit_ns && limit_s < job->wall_limit_s)
        job->wall_limit_s = (uint32_t)limit_s;
    int code = hone_jail_run(job, input->cancel, jailed, error);
    const uint64_t spent_ns = hone_now_ns() - begun;
    *left_ns = *left_ns > spent_ns ? *left_ns - spent_ns : 1; /* 1: the jail's least, a second */
    *more = false;
    if (!code && is_killed(&jailed->output))
        code = hone_fail(error, -EIO, "the compiler was killed from outside (SIGKILL)");
    if (!code && keep_diagnostics(compiled, jailed->diagnostics))
        code = hone_fail(error, -ENOMEM, "compile: out of memory");
    if (code || ops->size < offsetof(struct hone_hardware_ops, compile_next) + sizeof(void *) ||
        !ops->compile_next)
        return code;
    code = ops->compile_next(hardware->self, job, &jailed->output, error);
    *more = code > 0;
    return code < 0 ? code : 0;
}

static void take_image(struct hone_compiled *compiled, struct hone_compile_result *result,
                       struct hone_jail_result *jailed) {
    compiled->image = result->image ? result->image : jailed->bytes;
    compiled->image_bytes = result->image ? result->image_bytes : jailed->output.byte_count;
    if (!result->image)
        jailed->bytes = NULL;
    result->image = NULL;
}

static int take_result(const struct hone_instance *hardware, struct hone_compile_job *job,
                       struct hone_jail_result *jailed, struct hone_compiled *compiled,
                       struct hone_error *error) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    struct hone_compile_result result = {.size = sizeof result};
    int code = ops->compile_end(hardware->self, job, &jailed->output, &result);
    if (code)
        return hone_fail(error, code, "%s: cannot read what the compiler left: %s",
                         hardware->loaded.plugin->name, strerror(-code));
    compiled->verdict = result.verdict;
    compiled->reason = result.reason;
    compiled->incomplete = jailed->output.timed_out;
    memcpy(compiled->message, result.message, sizeof compiled->message);
    compiled->message[sizeof compiled->message - 1] = 0;
    result.note[sizeof result.note - 1] = '\0';
    if (keep_diagnostics(compiled, result.note))
        code = hone_fail(error, -ENOMEM, "compile: out of memory");
    else if (result.verdict == HONE_UNDECIDED)
        take_image(compiled, &result, jailed);
    free(result.image);
    return code;
}

static int run_jail(const struct hone_instance *hardware, struct hone_compile_job *job,
                    const struct hone_compile_input *input, struct hone_compiled *compiled,
                    struct hone_error *error) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    struct hone_jail_result jailed = {0};
    uint64_t left_ns = input->limit_ns;
    bool more = true;
    int code = 0;
    while (!code && more) {
        hone_jail_finish(&jailed);
        code = run_job(hardware, job, input, compiled, &jailed, &more, &left_ns, error);
    }
    if (code)
        ops->compile_drop(hardware->self, job);
    else
        code = take_result(hardware, job, &jailed, compiled, error);
    hone_jail_finish(&jailed);
    return code;
}

static int compile_with(struct hone_compile_cache *cache, const struct hone_instance *hardware,
                        const struct hone_compile_input *input, const struct texts *texts,
                        struct hone_compiled *compiled, struct hone_error *error) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    struct hone_compile_request request = {
        .size = sizeof request,
        .device = input->device,
        .language = input->language,
        .source = input->source,
        .source_bytes = input->source_bytes,
        .options = input->options,
        .prelude = texts->prelude,
        .epilogue = texts->epilogue,
        .entry_count = 1,
        .flags = input->untimed ? HONE_COMPILE_UNTIMED : 0,
        .library = input->library,
    };
    request.entries = hone_plan_entries(input->plan, &request.plan_entry_count);
    struct hone_compile_job job = {.size = sizeof job};
    int code = ops->compile_begin(hardware->self, &request, &job, error);
    if (code)
        return code;

    void *key = NULL;
    uint64_t key_bytes = 0;
    code = make_key(&request, texts, job.toolchain, &key, &key_bytes);
    if (code) {
        ops->compile_drop(hardware->self, &job);
        return hone_fail(error, code, "compile: out of memory");
    }
    if (hone_compile_cache_get(cache, key, key_bytes, &compiled->image, &compiled->image_bytes)) {
        ops->compile_drop(hardware->self, &job);
        compiled->cached = true;
    } else {
        code = run_jail(hardware, &job, input, compiled, error);
        if (!code && compiled->image)
            hone_compile_cache_put(cache, key, key_bytes, compiled->image, compiled->image_bytes);
    }
    free(key);
    return code;
}

int hone_compile(struct hone_compile_cache *cache, const struct hone_instance *hardware,
                 const struct hone_compile_input *input, struct hone_compiled *compiled,
                 struct hone_error *error) {
    *compiled = (struct hone_compiled){0};
    struct texts texts = {NULL, NULL, NULL};
    int code = make_texts(input, &texts, error);
    if (!code)
        code = compile_with(cache, hardware, input, &texts, compiled, error);
    if (code)
        hone_compiled_finish(compiled);
    free(texts.prelude);
    free(texts.epilogue);
    free(texts.entries);
    return code;
}

void hone_compiled_finish(struct hone_compiled *compiled) {
    free(compiled->diagnostics);
    free(compiled->image);
    *compiled = (struct hone_compiled){0};
}
