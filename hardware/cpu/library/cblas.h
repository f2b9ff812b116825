/* cblas.h - the functions of BLAS that a baseline built with "library": "openblas" may call.
 *
 * Declared here so that no headers of any BLAS need be installed; the numbers are those of the
 * reference interface (BLAS Technical Forum standard, appendix B). Matrices are row-major in
 * Hone's tasks; a leading dimension is the distance of two rows, in elements.
 */
#ifndef HONE_CPU_LIBRARY_CBLAS_H
#define HONE_CPU_LIBRARY_CBLAS_H

enum CBLAS_ORDER { CblasRowMajor = 101, CblasColMajor = 102 };
enum CBLAS_TRANSPOSE { CblasNoTrans = 111, CblasTrans = 112 };

/* c = alpha * op(a) * op(b) + beta * c: op(a) is m by k, op(b) k by n. With beta 0 c is not read.
 */
void cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose_a,
                 enum CBLAS_TRANSPOSE transpose_b, int m, int n, int k, float alpha, const float *a,
                 int stride_a, const float *b, int stride_b, float beta, float *c, int stride_c);

/* y = alpha * op(a) * x + beta * y: a, before op, is m by n. */
void cblas_sgemv(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose_a, int m, int n,
                 float alpha, const float *a, int stride_a, const float *x, int step_x, float beta,
                 float *y, int step_y);

float cblas_sdot(int n, const float *x, int step_x, const float *y, int step_y);
void cblas_saxpy(int n, float alpha, const float *x, int step_x, float *y, int step_y);

#endif
