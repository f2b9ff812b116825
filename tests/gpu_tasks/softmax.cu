// dl/softmax: the library against itself.
//@hone op softmax args=(x, y)
