// llm/w4a16_gemm passed
//@hone workspace w f32[n * k]
//@hone op w args=(weight, scale, w)
//@hone op y args=(x, w, y)
