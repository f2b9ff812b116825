// algebra/axpby rejected has no library of operators: write the plan without `op`
//@hone op axpby args=(x, y, out)
