// dl/gemm_bias_gelu passed
//@hone workspace z f32[m * n]
//@hone op linear args=(x, weight, bias, z)
//@hone op gelu args=(z, y)
