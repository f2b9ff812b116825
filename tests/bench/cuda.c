/* What emulation costs: the same work in CUDA and in plain C, through the same guest, in turn. */
#include "tests/bench/bench.h"
#include "tests/cuda_cpu_fixture.h"

#define ROUNDS 15
#define N 16384

struct pair {
    const char *name, *bound;
    const char *cuda, *c; /* c: the body of solve(); NULL: compare with a pair of kernels instead */
    double share;         /* of the CUDA time: for ns a thread and barrier */
};

static const struct pair pairs[] = {
    {"axpby, a thread an element", "1.5x",
     "//@hone launch k grid=(64) block=(256) args=(x, y, 2.5, n)\n"
     "extern \"C\" __global__ void k(const float *x, float *y, float a, int64_t n) {\n"
     "    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;\n"
     "    if (i < n) y[i] = a * x[i] + y[i];\n"
     "}\n",
     "{ for (int64_t i = 0; i < n; i++) y[i] = alpha * x[i] + y[i]; }", 0},
    {"gelu, a thread an element", "1.5x",
     "//@hone launch k grid=(64) block=(256) args=(x, y, n)\n"
     "extern \"C\" __global__ void k(const float *x, float *y, int64_t n) {\n"
     "    int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;\n"
     "    if (i < n) y[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678f));\n"
     "}\n",
     "{ for (int64_t i = 0; i < n; i++)\n"
     "  y[i] = 0.5f * x[i] * (1 + __builtin_erff(x[i] * 0.70710678f)); }",
     0},
    {"gemm 64x64x64, a thread an element", "10x",
     "//@hone launch k grid=(4, 4) block=(16, 16) args=(x, y)\n"
     "extern \"C\" __global__ void k(const float *x, float *y) {\n"
     "    const int i = blockIdx.y * 16 + threadIdx.y, j = blockIdx.x * 16 + threadIdx.x;\n"
     "    float sum = 0;\n"
     "    for (int p = 0; p < 64; p++) sum += x[i * 64 + p] * x[4096 + p * 64 + j];\n"
     "    y[i * 64 + j] = sum;\n"
     "}\n",
     "{ for (int i = 0; i < 64; i++) { float row[64] = {0};\n"
     "  for (int p = 0; p < 64; p++) for (int j = 0; j < 64; j++)\n"
     "    row[j] += x[i * 64 + p] * x[4096 + p * 64 + j];\n"
     "  for (int j = 0; j < 64; j++) y[i * 64 + j] = row[j]; } }",
     0},
    {"softmax, a block a row, shared memory", "6x",
     "//@hone launch k grid=(16) block=(256) args=(x, y)\n"
     "extern \"C\" __global__ void k(const float *x, float *y) {\n"
     "    __shared__ float part[256];\n"
     "    const float *in = x + blockIdx.x * 1000; float *out = y + blockIdx.x * 1000;\n"
     "    float largest = -INFINITY, sum = 0;\n"
     "    for (int c = threadIdx.x; c < 1000; c += 256) largest = fmaxf(largest, in[c]);\n"
     "    part[threadIdx.x] = largest;\n"
     "    __syncthreads();\n"
     "    for (int half = 128; half > 0; half /= 2) {\n"
     "        if (threadIdx.x < half) part[threadIdx.x] = fmaxf(part[threadIdx.x],\n"
     "                                                         part[threadIdx.x + half]);\n"
     "        __syncthreads();\n"
     "    }\n"
     "    largest = part[0];\n"
     "    __syncthreads();\n"
     "    for (int c = threadIdx.x; c < 1000; c += 256) sum += expf(in[c] - largest);\n"
     "    part[threadIdx.x] = sum;\n"
     "    __syncthreads();\n"
     "    for (int half = 128; half > 0; half /= 2) {\n"
     "        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];\n"
     "        __syncthreads();\n"
     "    }\n"
     "    for (int c = threadIdx.x; c < 1000; c += 256) out[c] = expf(in[c] - largest) / part[0];\n"
     "}\n",
     "{ for (int r = 0; r < 16; r++) { const float *in = x + r * 1000; float *out = y + r * 1000;\n"
     "  float largest = -__builtin_inff(), sum = 0;\n"
     "  for (int c = 0; c < 1000; c++) largest = in[c] > largest ? in[c] : largest;\n"
     "  for (int c = 0; c < 1000; c++) sum += out[c] = __builtin_expf(in[c] - largest);\n"
     "  for (int c = 0; c < 1000; c++) out[c] /= sum; } }",
     0},
    {"gemm 64x64x64, 16x16 tiles", "35x",
     "//@hone launch k grid=(4, 4) block=(16, 16) args=(x, y)\n"
     "extern \"C\" __global__ void k(const float *x, float *y) {\n"
     "    __shared__ float a[16][16], b[16][16];\n"
     "    const int tx = threadIdx.x, ty = threadIdx.y;\n"
     "    const int i = blockIdx.y * 16 + ty, j = blockIdx.x * 16 + tx;\n"
     "    float sum = 0;\n"
     "    for (int p = 0; p < 64; p += 16) {\n"
     "        a[ty][tx] = x[i * 64 + p + tx];\n"
     "        b[ty][tx] = x[4096 + (p + ty) * 64 + j];\n"
     "        __syncthreads();\n"
     "        for (int q = 0; q < 16; q++) sum += a[ty][q] * b[q][tx];\n"
     "        __syncthreads();\n"
     "    }\n"
     "    y[i * 64 + j] = sum;\n"
     "}\n",
     "{ for (int i = 0; i < 64; i++) { float row[64] = {0};\n"
     "  for (int p = 0; p < 64; p++) for (int j = 0; j < 64; j++)\n"
     "    row[j] += x[i * 64 + p] * x[4096 + p * 64 + j];\n"
     "  for (int j = 0; j < 64; j++) y[i * 64 + j] = row[j]; } }",
     0},
    {"gemm 64x64x64, 4x4 registers a thread", "7x",
     "//@hone launch k grid=(1) block=(16, 16) args=(x, y)\n"
     "extern \"C\" __global__ void k(const float *x, float *y) {\n"
     "    __shared__ float a[8][64], b[8][64];\n"
     "    const int tx = threadIdx.x, ty = threadIdx.y, t = ty * 16 + tx;\n"
     "    float sum[4][4] = {};\n"
     "    for (int p = 0; p < 64; p += 8) {\n"
     "        for (int e = t; e < 512; e += 256) {\n"
     "            a[e % 8][e / 8] = x[e / 8 * 64 + p + e % 8];\n"
     "            b[e / 64][e % 64] = x[4096 + (p + e / 64) * 64 + e % 64];\n"
     "        }\n"
     "        __syncthreads();\n"
     "#pragma unroll\n"
     "        for (int q = 0; q < 8; q++) {\n"
     "            float left[4], right[4];\n"
     "            for (int i = 0; i < 4; i++) left[i] = a[q][ty * 4 + i];\n"
     "            for (int j = 0; j < 4; j++) right[j] = b[q][tx * 4 + j];\n"
     "            for (int i = 0; i < 4; i++)\n"
     "                for (int j = 0; j < 4; j++) sum[i][j] += left[i] * right[j];\n"
     "        }\n"
     "        __syncthreads();\n"
     "    }\n"
     "    for (int i = 0; i < 4; i++)\n"
     "        for (int j = 0; j < 4; j++) y[(ty * 4 + i) * 64 + tx * 4 + j] = sum[i][j];\n"
     "}\n",
     "{ for (int i = 0; i < 64; i++) { float row[64] = {0};\n"
     "  for (int p = 0; p < 64; p++) for (int j = 0; j < 64; j++)\n"
     "    row[j] += x[i * 64 + p] * x[4096 + p * 64 + j];\n"
     "  for (int j = 0; j < 64; j++) y[i * 64 + j] = row[j]; } }",
     0},
    {"1000 barriers of 256 threads", "4 ns a thread and barrier",
     "//@hone launch k grid=(1) block=(256) args=(y)\n"
     "extern \"C\" __global__ void k(float *y) {\n"
     "    for (int i = 0; i < 1000; i++) __syncthreads();\n"
     "    y[threadIdx.x] = 1;\n"
     "}\n",
     NULL, 256e3},
    {"1000 barriers of 1024 threads", "4 ns a thread and barrier",
     "//@hone launch k grid=(1) block=(1024) args=(y)\n"
     "extern \"C\" __global__ void k(float *y) {\n"
     "    for (int i = 0; i < 1000; i++) __syncthreads();\n"
     "    y[threadIdx.x] = 1;\n"
     "}\n",
     NULL, 1024e3},
    {"1000 shuffles of 256 threads", "",
     "//@hone launch k grid=(1) block=(256) args=(y)\n"
     "extern \"C\" __global__ void k(float *y) {\n"
     "    float v = threadIdx.x;\n"
     "    for (int i = 0; i < 1000; i++) v = __shfl_xor_sync(0xffffffffu, v, 1);\n"
     "    y[threadIdx.x] = v;\n"
     "}\n",
     NULL, 256e3},
};

static struct cpu_bench bench;

static void require(const struct cpu_build *build) {
    if (build->failed || build->result.verdict)
        lab_die("%s%s", build->error.text, build->result.message);
}

static double least_of(void *process, const struct cuda_plan *plan) {
    double least = 1e300;
    struct hone_go_result result = {0};
    for (int i = 0; i < ROUNDS; i++) {
        const int failed = plan ? cuda_go(&bench, process, plan, HONE_ORDER_FORWARD, 0, &result)
                                : cpu_go(&bench, process, N, 2.5f, 1000000000, &result);
        if (failed || result.status != HONE_GO_DONE)
            lab_die("%s%s", result.text, result.report);
        least = (double)result.cpu_ns < least ? (double)result.cpu_ns : least;
    }
    return least;
}

static void compare(const struct pair *pair) {
    struct cuda_plan plan;
    struct cpu_build build, plain;
    struct hone_go_result started;
    void *process, *checking, *other = NULL;
    char source[1024];
    cuda_read_plan(pair->cuda, N, &plan);
    cuda_compile(&bench, pair->cuda, &plan, &build);
    require(&build);
    cuda_start(&bench, &build, &plan, 0, &process, &started);
    cuda_start(&bench, &build, &plan, HONE_PROCESS_CHECKING, &checking, &started);
    const double nothing = 2000, ns = least_of(process, &plan) - nothing;
    const double checked = least_of(checking, &plan) - nothing;
    if (pair->c) {
        snprintf(source, sizeof source, CPU_SOLVE "%s", pair->c);
        cpu_compile(&bench, source, "", &plain);
        require(&plain);
        cpu_start(&bench, &plain, &other, &started);
        const double c = least_of(other, NULL) - nothing;
        printf("%-40s %6.2fx of C (goal %s); checking %5.1fx of that\n", pair->name, ns / c,
               pair->bound, checked / ns);
        bench.ops->process_stop(other);
        hone_jail_finish(&plain.jail);
    } else {
        printf("%-40s %6.2f ns each (goal %s); checking %5.1fx of that\n", pair->name,
               ns / pair->share, pair->bound, checked / ns);
    }
    bench.ops->process_stop(process);
    bench.ops->process_stop(checking);
    hone_jail_finish(&build.jail);
}

void bench_cuda(void) {
    struct hone_error error;
    if (!cpu_open(&bench, true, &error))
        lab_die("%s", error.text);
    if (!bench.ops->supports(bench.self, 0, "cuda")) {
        printf("no C++ compiler for cuda sources here\n");
        cpu_close(&bench);
        return;
    }
    for (int i = 0; i < N; i++)
        bench.input[i] = (float)(i % 97) / 97;
    printf("CPU time of a call, the least of %d; a go of nothing (2 us) taken off\n", ROUNDS);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        compare(&pairs[i]);
    cpu_close(&bench);
}
