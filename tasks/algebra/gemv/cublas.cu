// cuBLAS in f32, without TF32.
//@hone call cublas_gemv args=(m, n, a, x, y)
