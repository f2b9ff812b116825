// dl/gemm_bias_gelu rejected solve.c:3:20: error: `op y` cannot write what it reads
//@hone op z args=(x, weight, bias, y)
//@hone op y args=(y, y)
