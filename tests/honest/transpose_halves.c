// honest: recursion that depends on the shape; task: algebra/transpose
static void turn(const float *x, float *y, int64_t m, int64_t n, int64_t rows, int64_t columns) {
    if (rows > 32 && rows >= columns) {
        turn(x, y, m, n, rows / 2, columns);
        turn(x + rows / 2 * n, y + rows / 2, m, n, rows - rows / 2, columns);
    } else if (columns > 32) {
        turn(x, y, m, n, rows, columns / 2);
        turn(x + columns / 2, y + columns / 2 * m, m, n, rows, columns - columns / 2);
    } else {
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++)
                y[j * m + i] = x[i * n + j];
    }
}

void solve(const float *x, float *y, int64_t m, int64_t n) {
    turn(x, y, m, n, m, n);
}
