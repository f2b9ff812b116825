/* assert.h - a condition that does not hold ends the kernel, on either device without a word: text
 * is printed by nobody. prelude.h has it too; again after NDEBUG, as in C. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __trap())
#endif
