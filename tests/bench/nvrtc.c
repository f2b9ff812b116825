#include "tests/bench/bench.h"
#include "tests/nvrtc_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCES 60u
#define COMPILERS 2u

static void write_source(char *text, size_t size, uint32_t number) {
    snprintf(text, size,
             "// %d %llu\nextern \"C\" __global__ void k(const float *x, float *y, int64_t n) {\n"
             "    int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;\n"
             "    if (i < n)\n        y[i] = x[i] * x[i] + %u.0f;\n}\n",
             (int)getpid(), (unsigned long long)lab_now_ns(), number);
}

/* What a jail runs, without one; `output` is what came of it. */
static void run_plainly(const struct hone_compile_job *job, struct hone_compile_output *output) {
    for (uint32_t i = 0; i < job->file_count; i++) {
        const int file = open(job->files[i].name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0 ||
            write(file, job->files[i].bytes, job->files[i].size) != (ssize_t)job->files[i].size)
            lab_die("%s cannot be written", job->files[i].name);
        close(file);
    }
    const pid_t child = fork();
    if (child == 0) {
        close(1);
        open("/dev/null", O_WRONLY);
        execv(job->arguments[0], (char *const *)(uintptr_t)job->arguments);
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status)
        lab_die("%s alone failed with wait status 0x%x", job->arguments[0], (unsigned)status);
    static char bytes[1 << 20];
    const int file = open(job->output, O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    close(file);
    *output = (struct hone_compile_output){
        .size = sizeof *output, .bytes = bytes, .byte_count = got > 0 ? (uint64_t)got : 0};
}

static void compile_plainly(const struct hone_toolkit *toolkit, const char *arch,
                            const char *source) {
    const struct hone_compile_request request = {
        .size = sizeof request,
        .language = "cuda",
        .source = source,
        .source_bytes = strlen(source),
        .options = "",
    };
    struct hone_compile_job job = {.size = sizeof job};
    struct hone_compile_output output;
    struct hone_error error;
    if (hone_cuda_compile_begin(toolkit, arch, &request, &job, &error))
        lab_die("%s", error.text);
    do
        run_plainly(&job, &output);
    while (hone_cuda_compile_next(&job, &output, &error) > 0);
    hone_cuda_compile_drop(&job);
}

static void compile_jailed(const struct hone_toolkit *toolkit, const char *arch,
                           const char *source) {
    struct nvrtc_build build;
    nvrtc_compile_for(toolkit, arch, source, "", "", NULL, 0, &build);
    if (build.failed || build.result.verdict != HONE_UNDECIDED)
        lab_die("%s%s", build.error.text, build.result.message);
    nvrtc_finish(&build);
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
}

static void run(const struct lab *lab, const struct hone_toolkit *toolkit, const char *what,
                const char *arch,
                void (*compile)(const struct hone_toolkit *, const char *, const char *)) {
    const uint64_t begun = lab_now_ns();
    const double cpu = cpu_seconds();
    for (uint32_t c = 0; c < COMPILERS; c++) {
        if (fork())
            continue;
        char folder[256], source[512];
        snprintf(folder, sizeof folder, "%s/nvrtc-%u", lab->root, c);
        if ((mkdir(folder, 0700) && errno != EEXIST) || chdir(folder))
            lab_die("%s cannot be made", folder);
        for (uint32_t i = c; i < SOURCES; i += COMPILERS) {
            write_source(source, sizeof source, i);
            compile(toolkit, arch, source);
        }
        _exit(0);
    }
    for (uint32_t c = 0; c < COMPILERS; c++) {
        int status;
        if (wait(&status) < 0 || status)
            lab_die("a compiling process failed");
    }
    const double seconds = (double)(lab_now_ns() - begun) / 1e9;
    printf("%-28s %6.1f a second; %5.1f for each second of a core's time\n", what,
           SOURCES / seconds, SOURCES / (cpu_seconds() - cpu));
}

void bench_nvrtc(void) {
    struct lab lab;
    struct hone_toolkit *toolkit = nvrtc_open();
    if (!toolkit)
        return;
    lab_open(&lab);
    printf("%u unique small kernels, twice in turn, %u compilers at once; NVRTC %s\n", SOURCES,
           COMPILERS, toolkit->version);
    printf("to PTX is what a step beside the CPU needs; the cubin is made by %s\n",
           toolkit->assembler.name);
    for (int turn = 0; turn < 2; turn++) {
        run(&lab, toolkit, "to PTX, alone", NULL, compile_plainly);
        run(&lab, toolkit, "to PTX, in the jail", NULL, compile_jailed);
        run(&lab, toolkit, "to a cubin, alone", "sm_90", compile_plainly);
        run(&lab, toolkit, "to a cubin, in two jails", "sm_90", compile_jailed);
    }
    lab_close(&lab);
    hone_toolkit_close(toolkit);
}
