// honest: a table made in the first call and kept, the same whatever the inputs; task: dl/softmax
#include <math.h>

static float powers[64];
static int made;

/* 2^(i/64), and a short series for the rest of the exponent. */
static float quick_exp(float value) {
    if (value < -87)
        return 0;
    const float scaled = value * 92.332482616893656877f; /* 64 / ln 2 */
    const int whole = (int)floorf(scaled + 0.5f);
    const double rest = (double)value - whole * 0.010830424696249145459; /* ln 2 / 64 */
    const double series = 1 + rest * (1 + rest * (0.5 + rest * (1.0 / 6)));
    return ldexpf((float)(powers[whole & 63] * series), whole >> 6);
}

void solve(const float *x, float *y, int64_t rows, int64_t cols) {
    for (int i = 0; !made && i < 64; i++)
        powers[i] = (float)exp2(i / 64.0);
    made = 1;
    for (int64_t r = 0; r < rows; r++) {
        const float *row = x + r * cols;
        float most = row[0];
        double sum = 0;
        for (int64_t c = 1; c < cols; c++)
            most = row[c] > most ? row[c] : most;
        for (int64_t c = 0; c < cols; c++)
            sum += y[r * cols + c] = quick_exp(row[c] - most);
        for (int64_t c = 0; c < cols; c++)
            y[r * cols + c] = (float)(y[r * cols + c] / sum);
    }
}
