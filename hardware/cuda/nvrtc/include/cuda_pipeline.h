/* cuda_pipeline.h - the toolkit's, which under NVRTC defines integer types that the prelude has
 * already, and in another way. Its own become other names. */
#ifndef HONE_NVRTC_CUDA_PIPELINE_H
#define HONE_NVRTC_CUDA_PIPELINE_H

#define uint32_t hone_pipeline_uint32_t
#define uint64_t hone_pipeline_uint64_t
#define uintptr_t hone_pipeline_uintptr_t
#include_next <cuda_pipeline.h>
#undef uint32_t
#undef uint64_t
#undef uintptr_t

#endif
