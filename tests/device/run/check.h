/* check.h - a program that ends with the number of the line that does not hold, modulo 256. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__ % 255 + 1;                                                             \
    } while (0)

static unsigned long long random_state = 88172645463325252ull;

/* Marsaglia's xorshift. */
static inline unsigned long long draw() {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}
