/* What the launcher says of the binary interfaces of cuBLAS and cuDNN, against the toolkit's
 * headers where there are some; and where libraries are looked for. */
#include "hardware/cuda/cuda.h"
#include "hardware/cuda/launcher/cublas.h"
#include "hardware/cuda/launcher/cudnn.h"
#include "hardware/cuda/places.h"
#include "tests/cuda_fixture.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAME(mine, theirs) _Static_assert((long long)(mine) == (long long)(theirs), #theirs)

#if __has_include(<cublas_v2.h>)
#include <cublas_v2.h>
SAME(0, CUBLAS_STATUS_SUCCESS);
SAME(CUBLAS_NO_TRANSPOSE, CUBLAS_OP_N);
SAME(CUBLAS_TRANSPOSE, CUBLAS_OP_T);
SAME(CUBLAS_PLAIN_MATH, CUBLAS_DEFAULT_MATH);
SAME(CUBLAS_F32, CUDA_R_32F);
SAME(CUBLAS_F16, CUDA_R_16F);
SAME(CUBLAS_BF16, CUDA_R_16BF);
SAME(CUBLAS_COMPUTE_F32, CUBLAS_COMPUTE_32F);
SAME(CUBLAS_ANY_ALGORITHM, CUBLAS_GEMM_DEFAULT);
#endif

#if __has_include(<cudnn.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <cudnn.h>
SAME(0, CUDNN_STATUS_SUCCESS);
SAME(CUDNN_F32, CUDNN_DATA_FLOAT);
SAME(CUDNN_F16, CUDNN_DATA_HALF);
SAME(CUDNN_BF16, CUDNN_DATA_BFLOAT16);
SAME(CUDNN_NCHW, CUDNN_TENSOR_NCHW);
SAME(CUDNN_CORRELATION, CUDNN_CROSS_CORRELATION);
SAME(CUDNN_TENSOR_MATH, CUDNN_TENSOR_OP_MATH);
SAME(CUDNN_F32_MATH, CUDNN_FMA_MATH);
SAME(CUDNN_RELU, CUDNN_ACTIVATION_RELU);
SAME(CUDNN_KEEP_NAN, CUDNN_PROPAGATE_NAN);
SAME(CUDNN_ACCURATE_SOFTMAX, CUDNN_SOFTMAX_ACCURATE);
SAME(CUDNN_SOFTMAX_OF_ROW, CUDNN_SOFTMAX_MODE_INSTANCE);
SAME(CUDNN_ALGORITHMS - 1, CUDNN_CONVOLUTION_FWD_ALGO_GEMM);
SAME(sizeof(struct cudnn_choice), sizeof(cudnnConvolutionFwdAlgoPerf_t));
SAME(offsetof(struct cudnn_choice, bytes), offsetof(cudnnConvolutionFwdAlgoPerf_t, memory));
SAME(offsetof(struct cudnn_choice, math), offsetof(cudnnConvolutionFwdAlgoPerf_t, mathType));
#pragma GCC diagnostic pop
#endif

static char root[64], taken[512];

static bool take(void *context, const char *path) {
    const char *refused = context;
    if (refused && strstr(path, refused))
        return false;
    snprintf(taken, sizeof taken, "%s", path);
    return true;
}

static void touch(const char *path) {
    char whole[256], *slash;
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    for (slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    cr_assert(ne(ptr, file, NULL));
    fclose(file);
}

static void make_root(void) {
    snprintf(root, sizeof root, "/tmp/hone-places-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    taken[0] = '\0';
    unsetenv("CUDA_HOME");
    unsetenv("CUDA_PATH");
    unsetenv("CONDA_PREFIX");
}

static void remove_root(void) {
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", root);
    cr_assert(eq(int, system(command), 0));
}

TestSuite(cuda_places, .init = make_root, .fini = remove_root);

static const char *below_root(void) {
    return strncmp(taken, root, strlen(root)) == 0 ? taken + strlen(root) : taken;
}

Test(cuda_places, offer_the_highest_version_of_a_folder_first) {
    const struct hone_cuda_wanted wanted = {"libhonetest", "honetest", take, NULL};
    const struct hone_cuda_wanted other = {"libhonetest", "honetest", take, ".so.12"};
    touch("lib64/libhonetest.so.11");
    touch("lib64/libhonetest.so.12");
    touch("lib64/libhonetest.alt.so.13");
    cr_expect(hone_cuda_look_in(&wanted, root));
    cr_expect(eq(str, (char *)below_root(), "/lib64/libhonetest.so.12"));
    cr_expect(hone_cuda_look_in(&other, root));
    cr_expect(eq(str, (char *)below_root(), "/lib64/libhonetest.so.11"));
}

Test(cuda_places, are_named_by_the_environment_and_by_wheels) {
    const struct hone_cuda_wanted wanted = {"libhonetest", "honetest", take, NULL};
    cr_expect(not(hone_cuda_look_around(&wanted)));
    touch("venv/lib/python3.12/site-packages/nvidia/honetest/lib/libhonetest.so.9");
    char folder[128];
    snprintf(folder, sizeof folder, "%s/venv", root);
    setenv("VIRTUAL_ENV", folder, 1);
    cr_expect(hone_cuda_look_around(&wanted));
    cr_expect(ne(ptr, strstr(taken, "/nvidia/honetest/lib/libhonetest.so.9"), NULL), "%s", taken);
    touch("toolkit/lib/libhonetest.so.8");
    snprintf(folder, sizeof folder, "%s/toolkit", root);
    setenv("CUDA_HOME", folder, 1);
    cr_expect(hone_cuda_look_around(&wanted));
    cr_expect(eq(str, (char *)below_root(), "/toolkit/lib/libhonetest.so.8"));
}

Test(cuda_places, may_be_the_library_itself) {
    const struct hone_cuda_wanted wanted = {"libhonetest", "honetest", take, NULL};
    char path[128];
    touch("somewhere/named_otherwise.so");
    snprintf(path, sizeof path, "%s/somewhere/named_otherwise.so", root);
    cr_expect(hone_cuda_look_in(&wanted, path));
    cr_expect(eq(str, taken, path));
}

/* What a backend that is told of no library takes where $CUDA_HOME leads. */
static void expect_libraries_of_root(bool wanted) {
    struct cuda_bench bench;
    struct hone_error error;
    setenv("CUDA_HOME", root, 1);
    cr_assert(cuda_create_with(&bench, "", "", &error), "%s", error.text);
    const struct cuda *cuda = bench.self;
    const char *const found[] = {cuda->libcublas, cuda->libcudnn, cuda->libcupti};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        cr_expect(eq(int, strncmp(found[i], root, strlen(root)) == 0, wanted), "%s", found[i]);
    cuda_close(&bench);
}

/* Where a variable leads, not a setting: taken only if nobody else could have put it there. */
Test(cuda_places, that_others_can_write_lend_no_library) {
    touch("lib64/libcublas.so.13");
    touch("lib64/libcudnn.so.9");
    touch("extras/CUPTI/lib64/libcupti.so.13");
    expect_libraries_of_root(true);
    cr_assert(eq(int, chmod(root, 0777), 0));
    expect_libraries_of_root(false);
    cr_assert(eq(int, chmod(root, 0700), 0));
    if (geteuid() == 0) {
        cr_assert(eq(int, chown(root, 65534, 65534), 0));
        expect_libraries_of_root(false);
        cr_assert(eq(int, chown(root, 0, 0), 0));
    }
    expect_libraries_of_root(true);
}

/* A link may be turned to another file after the look. */
Test(cuda_places, are_taken_by_the_file_and_not_by_a_link_to_it) {
    char link[96], target[96];
    struct cuda_bench bench;
    struct hone_error error;
    touch("true/libcupti.so.13");
    touch("open/nothing");
    snprintf(link, sizeof link, "%s/open/libcupti.so.13", root);
    snprintf(target, sizeof target, "%s/true/libcupti.so.13", root);
    cr_assert(eq(int, symlink(target, link), 0));
    *strrchr(link, '/') = '\0';
    cr_assert(eq(int, chmod(link, 0777), 0));
    setenv("CUDA_HOME", link, 1);
    cr_assert(cuda_create_with(&bench, "", "", &error), "%s", error.text);
    cr_expect(eq(str, (char *)((struct cuda *)bench.self)->libcupti, target));
    cuda_close(&bench);
}
