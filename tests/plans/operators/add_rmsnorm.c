// llm/add_rmsnorm passed
//@hone op add args=(x, residual, sum)
//@hone op rmsnorm args=(sum, weight, y)
