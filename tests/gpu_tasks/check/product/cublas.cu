// cuBLAS in f32, without TF32.
//@hone call cublas_gemm args=(0, 0, m, n, k, a, b, c)
