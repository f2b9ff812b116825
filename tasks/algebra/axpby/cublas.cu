// cuBLAS' sum of matrices, of one column.
//@hone call cublas_geam args=(0, n, 1, a, x, b, y, out)
