// both 3:1 printf
#if 1
printf("x");
#else
malloc(4);
#endif
