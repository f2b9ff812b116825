/* A shared object that is no plugin. */
extern int other_symbol __attribute__((visibility("default")));
int other_symbol = 1;
