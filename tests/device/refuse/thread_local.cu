// both 2:1 thread_local
thread_local float x;
