static double bf16(uint16_t half) {
    uint32_t bits = (uint32_t)half << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return (double)value;
}

void oracle(const double *x_f64, const float *x_f32, const _Float16 *x_f16, const uint16_t *x_bf16,
            const int64_t *x_i64, const int32_t *x_i32, const uint8_t *x_u8, const _Bool *x_bool,
            double *y_f64, double *y_f32, double *y_f16, double *y_bf16, double *y_i64,
            double *y_i32, double *y_u8, double *y_bool, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        y_f64[i] = (double)x_f64[i];
        y_f32[i] = (double)x_f32[i];
        y_f16[i] = (double)x_f16[i];
        y_bf16[i] = bf16(x_bf16[i]);
        y_i64[i] = (double)x_i64[i];
        y_i32[i] = (double)x_i32[i];
        y_u8[i] = (double)x_u8[i];
        y_bool[i] = (double)x_bool[i];
    }
}
