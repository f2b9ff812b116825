/* cuda_pipeline_primitives.h - the same as cuda_pipeline.h. */
#include "cuda_pipeline.h"
