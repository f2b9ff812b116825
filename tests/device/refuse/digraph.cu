// both 2:11 thrust/sort.h
%:include <thrust/sort.h>
