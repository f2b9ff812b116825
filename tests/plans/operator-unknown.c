// dl/gemm_bias_gelu rejected solve.c:2:12: error: there is no operator "relu", expected one of z (linear), y (gelu)
//@hone op relu args=(x, y)
