// llm/rope rejected solve.c:3:26: error: argument 2 of `op rope` holds indices
//@hone workspace where i32[t]
//@hone op rope args=(x, where, y)
