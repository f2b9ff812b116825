// both 2:12 thrust/sort.h
%:include <thrust/sort.h>
