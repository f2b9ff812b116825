#include "core/compile.h"

#include "core/compile_cache.h"
#include "core/error.h"
#include "core/jail.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct texts {
    char *prelude, *epilogue;
};

/* Everything the image depends on, as one block: what the cache compares. */
static int make_key(const struct hone_compile_request *request, const char *toolchain, void **key,
                    uint64_t *bytes) {
    const char *parts[] = {toolchain,         request->language,
                           request->options,  request->prelude,
                           request->epilogue, request->library ? request->library : ""};
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

static int run_jail(const struct hone_instance *hardware, struct hone_compile_job *job,
                    const struct hone_compile_input *input, struct hone_compiled *compiled,
                    struct hone_error *error) {
    const struct hone_hardware_ops *ops = hardware->loaded.plugin->hardware;
    struct hone_jail_result jailed;
    int code = hone_jail_run(job, input->cancel, &jailed, error);
    if (!code && is_killed(&jailed.output)) {
        hone_jail_finish(&jailed);
        code = hone_fail(error, -EIO, "the compiler was killed from outside (SIGKILL)");
    }
    if (code) {
        ops->compile_drop(hardware->self, job);
        return code;
    }
    struct hone_compile_result result = {.size = sizeof result};
    code = ops->compile_end(hardware->self, job, &jailed.output, &result);
    if (code) {
        hone_fail(error, code, "%s: cannot read what the compiler left: %s",
                  hardware->loaded.plugin->name, strerror(-code));
    } else {
        compiled->verdict = result.verdict;
        compiled->reason = result.reason;
        compiled->incomplete = jailed.output.timed_out;
        memcpy(compiled->message, result.message, sizeof compiled->message);
        compiled->message[sizeof compiled->message - 1] = 0;
        compiled->diagnostics = jailed.diagnostics;
        jailed.diagnostics = NULL;
        if (result.verdict == HONE_UNDECIDED) {
            compiled->image = jailed.bytes;
            compiled->image_bytes = jailed.output.byte_count;
            jailed.bytes = NULL;
        }
    }
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
        .library = input->library,
    };
    struct hone_compile_job job = {.size = sizeof job};
    int code = ops->compile_begin(hardware->self, &request, &job, error);
    if (code)
        return code;

    void *key = NULL;
    uint64_t key_bytes = 0;
    code = make_key(&request, job.toolchain, &key, &key_bytes);
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
    struct texts texts = {hone_task_prelude(input->task, "solve", false),
                          hone_task_epilogue(input->task, "solve", false)};
    int code = texts.prelude && texts.epilogue
                   ? compile_with(cache, hardware, input, &texts, compiled, error)
                   : hone_fail(error, -ENOMEM, "compile: out of memory");
    free(texts.prelude);
    free(texts.epilogue);
    return code;
}

void hone_compiled_finish(struct hone_compiled *compiled) {
    free(compiled->diagnostics);
    free(compiled->image);
    *compiled = (struct hone_compiled){0};
}
