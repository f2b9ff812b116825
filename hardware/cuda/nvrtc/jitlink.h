/* jitlink.h - nvJitLink, found at run time, as an assembler: PTX to a cubin.
 *
 * Where a machine has NVRTC by pip, it has this more often than ptxas. Its names and numbers are
 * the library's binary interface (docs.nvidia.com/cuda/nvjitlink). One thread.
 */
#ifndef HONE_CUDA_NVRTC_JITLINK_H
#define HONE_CUDA_NVRTC_JITLINK_H

/* The file `input` for `arch` ("sm_90") to the file `output`. Ends the program unless all is well:
 * with TEXT_AT_FAULT when the PTX was not taken, and what the library says of it. */
void jitlink_assemble(const char *library, const char *arch, const char *input, const char *output);

/* Likewise with nothing written; then say, a line each, "version 13.0", and "file PATH" for
 * everything that was loaded. */
void jitlink_probe(const char *library, const char *input);

#endif
