// dl/softmax passed
//@hone op softmax args=(x, y)
