// honest: generic selection, statement expressions, typeof, and goto for a loop; task: dl/softmax
#include <math.h>
#define EXP(v) _Generic((v), float : expf, double : exp, default : expl)(v)
#define MAX(a, b)                                                                                  \
    ({                                                                                             \
        __typeof__(a) _a = (a);                                                                    \
        __typeof__(b) _b = (b);                                                                    \
        _a > _b ? _a : _b;                                                                         \
    })
void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    int64_t r = 0;
next:
    if (r == rows)
        goto done;
    {
        __auto_type row = x + r * cols;
        __auto_type out = y + r * cols;
        double m = row[0], s = 0;
        for (int64_t c = 1; c < cols; c++)
            m = MAX(m, (double)row[c]);
        for (int64_t c = 0; c < cols; c++)
            s += EXP(row[c] - m);
        for (int64_t c = 0; c < cols; c++)
            out[c] = (float)(EXP(row[c] - m) / s);
    }
    r++;
    goto next;
done:;
}
