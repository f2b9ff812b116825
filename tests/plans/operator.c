// algebra/axpby rejected solve.c:2:12: error: task algebra/axpby has no operators
//@hone op axpby args=(x, y, out)
