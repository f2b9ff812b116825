// dl/gemm_bias_gelu rejected solve.c:3:37: error: argument 4 of `op z` is not as large as z
//@hone workspace z f32[m]
//@hone op z args=(x, weight, bias, z)
//@hone op y args=(y, z)
