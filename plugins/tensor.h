/* tensor.h - a view of an array; the same bytes as DLPack's DLTensor.
 *
 * A view is borrowed for the call it is passed to, so there is no deleter. Row-major and compact
 * when `strides` is NULL. Codes and layout: DLPack 0.6 and later (dmlc/dlpack, dlpack.h). Frozen.
 */
#ifndef HONE_TENSOR_H
#define HONE_TENSOR_H

#include <stdint.h>

enum hone_type_code { /* DLDataTypeCode */
    HONE_TYPE_INT = 0,
    HONE_TYPE_UINT = 1,
    HONE_TYPE_FLOAT = 2,
    HONE_TYPE_BFLOAT = 4,
    HONE_TYPE_BOOL = 6,
};

struct hone_tensor {
    void *data;
    int32_t device_type; /* 1: CPU, 2: CUDA (DLDeviceType) */
    int32_t device_id;
    int32_t ndim;
    uint8_t type_code; /* enum hone_type_code */
    uint8_t type_bits;
    uint16_t type_lanes;
    int64_t *shape;
    int64_t *strides; /* in elements; NULL: compact row-major */
    uint64_t byte_offset;
};

#endif
