// facts:
#define INTEGER(T, Low, High, Bits)                                                                \
    static_assert(std::numeric_limits<T>::min() == Low &&                                          \
                      std::numeric_limits<T>::lowest() == Low &&                                   \
                      std::numeric_limits<T>::max() == High &&                                     \
                      std::numeric_limits<T>::digits == Bits &&                                    \
                      std::numeric_limits<T>::is_integer && !std::numeric_limits<T>::has_infinity, \
                  #T);                                                                             \
    static_assert(std::is_signed<T>::value == (Low != 0) && std::is_unsigned<T>::value == !Low, #T);
INTEGER(bool, false, true, 1)
INTEGER(char, CHAR_MIN, CHAR_MAX, 7)
INTEGER(signed char, SCHAR_MIN, SCHAR_MAX, 7)
INTEGER(unsigned char, 0, UCHAR_MAX, 8)
INTEGER(short, SHRT_MIN, SHRT_MAX, 15)
INTEGER(unsigned short, 0, USHRT_MAX, 16)
INTEGER(int, INT_MIN, INT_MAX, 31)
INTEGER(unsigned int, 0, UINT_MAX, 32)
INTEGER(long, LONG_MIN, LONG_MAX, 63)
INTEGER(unsigned long, 0, ULONG_MAX, 64)
INTEGER(long long, LLONG_MIN, LLONG_MAX, 63)
INTEGER(unsigned long long, 0, ULLONG_MAX, 64)
static_assert(std::numeric_limits<double>::digits10 == DBL_DIG, "double");
static_assert(std::numeric_limits<float>::lowest() == -FLT_MAX, "float");
static_assert(!std::numeric_limits<float *>::is_specialized, "no number");
static_assert(!std::is_signed<float *>::value && !std::is_arithmetic<float *>::value, "no number");

extern "C" __global__ void limits(float *x, int n) {
    for (int i = 0; i < n; i++)
        x[i] = std::numeric_limits<float>::infinity() - std::numeric_limits<unsigned>::max();
}
