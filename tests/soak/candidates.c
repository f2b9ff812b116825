#include "tests/soak/candidates.h"

#include "ipc/hone.h"

#include <stdio.h>

#define SOLVE "void solve(const float *x, float *out, int64_t n) {\n"
#define RIGHT                                                                                      \
    "    for (int64_t i = 0; i < n; i++)\n"                                                        \
    "        out[i] = x[i] * x[i] + 1.0f;\n"

/* A system call, then the right answer: where nothing stops the call, the candidate passes. */
#define SYSTEM_CALL(number)                                                                        \
    SOLVE "    long result = " #number ";\n"                                                       \
          "    __asm__ volatile(\"syscall\" : \"+a\"(result) : \"D\"(-1L), \"S\"(0L), \"d\"(0L)\n" \
          "                     : \"rcx\", \"r11\", \"memory\");\n" RIGHT "}\n"

static const struct kind {
    const char *source;
    uint32_t verdict;
    uint32_t count;
    bool endless;
} kinds[] = {
    {SOLVE RIGHT "}\n", HONE_OUTCOME_PASSED, 30, false},
    {SOLVE "    for (int64_t i = n; i-- > 0;)\n        out[i] = 1.0f + x[i] * x[i];\n}\n",
     HONE_OUTCOME_PASSED, 20, false},
    {"static float square(float value) { return value * value; }\n" SOLVE
     "    for (int64_t i = 0; i < n; i++)\n        out[i] = square(x[i]) + 1.0f;\n}\n",
     HONE_OUTCOME_PASSED, 12, false},
    {SOLVE "    for (int64_t i = 0; i < n; i++)\n        out[i] = x[i] * x[i] - 1.0f;\n}\n",
     HONE_OUTCOME_WRONG, 8, false},
    {SOLVE "}\n", HONE_OUTCOME_WRONG, 4, false},
    {SOLVE RIGHT "    out[n] = 1;\n}\n", HONE_OUTCOME_WRONG, 4, false},
    {SOLVE "    *(volatile int *)8 = 1;\n}\n", HONE_OUTCOME_CRASHED, 4, false},
    {SOLVE RIGHT "    *(volatile float *)&x[0] = 0;\n}\n", HONE_OUTCOME_CRASHED, 3, false},
    {SOLVE RIGHT "    __builtin_trap();\n}\n", HONE_OUTCOME_CRASHED, 2, false},
    {"static int dig(volatile char *above) {\n    volatile char room[4096];\n"
     "    room[0] = *above;\n    return room[0] + dig(room);\n}\n" SOLVE
     "    out[0] = (float)dig((volatile char *)out);\n}\n",
     HONE_OUTCOME_CRASHED, 2, false},
    {"void solve(int n) {}\n", HONE_OUTCOME_COMPILE_FAILED, 2, false},
    {SYSTEM_CALL(39), 0, 1, false},  /* getpid */
    {SYSTEM_CALL(257), 0, 1, false}, /* openat */
    {SYSTEM_CALL(41), 0, 1, false},  /* socket */
    {SYSTEM_CALL(60), 0, 1, false},  /* exit */
    {SYSTEM_CALL(1), 0, 1, false},   /* write */
    {SYSTEM_CALL(12), 0, 1, false},  /* brk */
    {SYSTEM_CALL(10), 0, 1, false},  /* mprotect */
    {SYSTEM_CALL(15), 0, 1, false},  /* rt_sigreturn */
    {SOLVE "    for (volatile int i = 0; i >= 0;)\n        i = 0;\n}\n", HONE_OUTCOME_TIMED_OUT, 1,
     true},
};

void candidates_write(struct candidate list[CANDIDATES]) {
    uint32_t filled = 0;
    for (uint32_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (uint32_t k = 0; k < kinds[i].count && filled < CANDIDATES; k++, filled++) {
            struct candidate *one = &list[filled];
            one->bytes = (uint32_t)snprintf(one->source, sizeof one->source, "// soak %u\n%s",
                                            filled, kinds[i].source);
            one->verdict = kinds[i].verdict;
            one->endless = kinds[i].endless;
        }
}
