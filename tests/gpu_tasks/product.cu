// check/product: the library against itself.
//@hone op matmul args=(a, b, c)
