// llm/rope passed
//@hone op rope args=(x, position, y)
