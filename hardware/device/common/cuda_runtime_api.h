/* cuda_runtime_api.h - prelude.h, which every CUDA source begins with, has all of it already. */
