/* The macros that are there before a source begins, as far as it may ask for them: those that are
 * the same on every device. hardware/device/cpu/predefined.h has them for emulation. */
#include "hardware/device/words.h"

const struct hone_word_macro hone_words_macros[] = {
    {"__CUDACC__", HONE_MACRO_EVERYWHERE, 1},
    {"__CUDACC_RTC__", HONE_MACRO_EVERYWHERE, 1},
    {"__CUDA_ARCH__", HONE_MACRO_OF_TOOLKIT, 0},
    {"__CUDACC_VER_MAJOR__", HONE_MACRO_OF_TOOLKIT, 0},
    {"__CUDACC_VER_MINOR__", HONE_MACRO_OF_TOOLKIT, 0},
    {"CUDART_VERSION", HONE_MACRO_OF_TOOLKIT, 0},
    {"__CUDA_ARCH_FEAT_SM*", HONE_MACRO_BY_DEVICE, 0},
    {"__CUDA_ARCH_SPECIFIC__", HONE_MACRO_BY_DEVICE, 0},
    {"__CUDA_ARCH_FAMILY_SPECIFIC__", HONE_MACRO_BY_DEVICE, 0},
    {"__cplusplus", HONE_MACRO_EVERYWHERE, 201703},
    {"__STDC__", HONE_MACRO_EVERYWHERE, 1},
    {"__STDC_HOSTED__", HONE_MACRO_EVERYWHERE, 1},
    {"__LINE__", HONE_MACRO_OF_TOOLKIT, 0},
    {"__FILE__", HONE_MACRO_OF_TOOLKIT, 0},
    {"__cpp_*", HONE_MACRO_BY_DEVICE, 0},
    {"CUDA_VERSION", HONE_MACRO_NOWHERE, 0},
    {"__NVCC__", HONE_MACRO_NOWHERE, 0},
    {"__CUDACC_DEBUG__", HONE_MACRO_NOWHERE, 0},
    {"__CUDACC_RDC__", HONE_MACRO_NOWHERE, 0},
    {"__CUDACC_EXTENDED_LAMBDA__", HONE_MACRO_NOWHERE, 0},
    {"__CUDACC_RELAXED_CONSTEXPR__", HONE_MACRO_NOWHERE, 0},
    {"__HIPCC__", HONE_MACRO_NOWHERE, 0},
    {"__HIP__", HONE_MACRO_NOWHERE, 0},
    {"__HIP_PLATFORM_AMD__", HONE_MACRO_NOWHERE, 0},
    {"__HIP_DEVICE_COMPILE__", HONE_MACRO_NOWHERE, 0},
    {"__INTELLISENSE__", HONE_MACRO_NOWHERE, 0},
    {"__CLANGD__", HONE_MACRO_NOWHERE, 0},
    {"_MSC_VER", HONE_MACRO_NOWHERE, 0},
    {"_WIN32", HONE_MACRO_NOWHERE, 0},
    {"_WIN64", HONE_MACRO_NOWHERE, 0},
    {"__APPLE__", HONE_MACRO_NOWHERE, 0},
    {0},
};

const char *const hone_words_asked[] = {
    "hone_*",
    "HONE_*",
    "threadIdx",
    "blockIdx",
    "blockDim",
    "gridDim",
    "alignas",
    "asm",
    "offsetof",
    "NV_*",
    "CUDARTAPI*",
    "CUDART_CB",
    "CUDART_DEVICE",
    "CUDA_IPC_HANDLE_SIZE",
    "CU_UUID_HAS_BEEN_DEFINED",
    "cuda*",
    "va_*",
    "CUDART_INF_FP16",
    "CUDART_INF_BF16",
    "CUDART_NAN_FP16",
    "CUDART_NAN_BF16",
    "CUDART_MAX_NORMAL_FP16",
    "CUDART_MAX_NORMAL_BF16",
    "CUDART_MIN_DENORM_FP16",
    "CUDART_MIN_DENORM_BF16",
    "CUDART_NEG_ZERO_FP16",
    "CUDART_NEG_ZERO_BF16",
    "CUDART_ONE_FP16",
    "CUDART_ONE_BF16",
    "CUDART_ZERO_FP16",
    "CUDART_ZERO_BF16",
    NULL,
};

const struct hone_word_macro *hone_word_macro(const char *word, size_t length) {
    const struct hone_word_macro *macro = hone_words_macros;
    while (macro->word && !hone_word_matches(macro->word, word, length))
        macro++;
    return macro->word ? macro : NULL;
}
