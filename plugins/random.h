/* random.h - counter-based random numbers and every conversion from them, for C, C++ and CUDA.
 *
 * Element i of a stream is a pure function of (seed, argument, stream, i): word i % 4 of
 * Philox4x32-10 with the seed as key and counter {i/4 low, i/4 high, argument, stream} (Salmon et
 * al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011). So any element can be had alone,
 * and every backend gets the same bits.
 *
 * The same bits everywhere, whatever the compiler does: everything is integer arithmetic up to one
 * conversion to double. After it comes one product of an integer of at most 24 bits and a float,
 * which is exact in a double, then one sum: contracting the two into an fma changes nothing,
 * because only the sum rounds. Then at most one rounding to the element's type. (Compile without
 * -ffast-math.)
 *
 * Elements and their moments
 *   uniform    low + (w >> 8) * step, step = (float)((high - low) / 2^24)
 *   ints       low + floor(w * (high - low + 1) / 2^32); the bias is below count / 2^32
 *   bernoulli  1 when w < p * 2^32
 *   normal     t * scale + mean, t = 65536 (popcount(u) - 16) + (v mod 2^16) + (v >> 16) - 65535
 * from two words u (stream 0) and v (stream 1): the binomial(32, 1/2) distribution, interpolated
 * linearly. Symmetric, mean 0, deviation 65536 sqrt(8 + (1 - 2^-32) / 6) = 187284.720, excess
 * kurtosis -0.0602, |t| below 5.95 deviations. No libm, no table, no branch. An outlier (stream 2
 *              says which) has a larger scale.
 *   permutation  a four-round Feistel network over the next even number of bits, walked until it
 *              falls below count
 */
#ifndef HONE_RANDOM_H
#define HONE_RANDOM_H

#include <stdint.h>

#ifdef __CUDACC__
#define HONE_RANDOM static __host__ __device__ __forceinline__
#else
#define HONE_RANDOM static inline
#endif

#define HONE_RANDOM_DEVIATION 187284.72002663f /* of t; rounds to one float everywhere */

enum { HONE_STREAM_VALUE = 0, HONE_STREAM_SECOND = 1, HONE_STREAM_OUTLIER = 2 };

HONE_RANDOM void hone_random_block(uint64_t seed, uint64_t block, uint32_t argument,
                                   uint32_t stream, uint32_t out[4]) {
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = argument, c3 = stream;
    for (int round = 0; round < 10; round++) {
        uint64_t product0 = (uint64_t)0xD2511F53u * c0;
        uint64_t product1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)product1;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)product0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* One element's word; a loop is better off with blocks. */
HONE_RANDOM uint32_t hone_random_word(uint64_t seed, uint64_t index, uint32_t argument,
                                      uint32_t stream) {
    uint32_t words[4];
    hone_random_block(seed, index / 4, argument, stream, words);
    return words[index % 4];
}

/* p in [0, 1] as the number of 32-bit words that count as a hit. */
HONE_RANDOM uint64_t hone_random_threshold(double probability) {
    return (uint64_t)(probability * 4294967296.0);
}

HONE_RANDOM double hone_random_uniform(uint32_t word, double low, float step) {
    return (double)(word >> 8) * (double)step + low;
}

HONE_RANDOM float hone_random_uniform_step(double low, double high) {
    return (float)((high - low) * 5.9604644775390625e-8); /* 2^-24 */
}

HONE_RANDOM int64_t hone_random_integer(uint32_t word, int64_t low, int64_t high) {
    uint64_t count = (uint64_t)high - (uint64_t)low + 1; /* at most 2^32 */
    return low + (int64_t)(count > 0xFFFFFFFFu ? word : (uint64_t)word * count >> 32);
}

HONE_RANDOM uint32_t hone_random_popcount(uint32_t word) {
    word -= word >> 1 & 0x55555555u;
    word = (word & 0x33333333u) + (word >> 2 & 0x33333333u);
    return ((word + (word >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}

/* A normal deviate, scaled and shifted. `scale` is deviation / HONE_RANDOM_DEVIATION as a float. */
HONE_RANDOM double hone_random_normal(uint32_t first, uint32_t second, float scale, double mean) {
    int32_t t = ((int32_t)hone_random_popcount(first) - 16) * 65536 + (int32_t)(second & 0xFFFFu) +
                (int32_t)(second >> 16) - 65535;
    return (double)t * (double)scale + mean;
}

HONE_RANDOM float hone_random_normal_scale(double deviation) {
    return (float)(deviation / (double)HONE_RANDOM_DEVIATION);
}

HONE_RANDOM uint64_t hone_random_mix(uint64_t half, uint32_t key) {
    uint64_t mixed = (half ^ key) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 32;
    mixed *= 0xD6E8FEB86659FD93u;
    return mixed ^ mixed >> 29;
}

/* Where `index` goes in a permutation of count elements (1 <= count <= 2^62). */
HONE_RANDOM uint64_t hone_random_permute(uint64_t seed, uint32_t argument, uint64_t count,
                                         uint64_t index) {
    uint32_t keys[4];
    hone_random_block(seed, 0, argument, HONE_STREAM_VALUE, keys);
    uint32_t bits = 1; /* of one half */
    while ((uint64_t)1 << 2 * bits < count)
        bits++;
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    do {
        uint64_t left = index >> bits, right = index & mask;
        for (int round = 0; round < 4; round++) {
            uint64_t swapped = left ^ (hone_random_mix(right, keys[round]) & mask);
            left = right;
            right = swapped;
        }
        index = left << bits | right;
    } while (index >= count);
    return index;
}

/* Which index of the same permutation goes to `place`. */
HONE_RANDOM uint64_t hone_random_unpermute(uint64_t seed, uint32_t argument, uint64_t count,
                                           uint64_t place) {
    uint32_t keys[4];
    hone_random_block(seed, 0, argument, HONE_STREAM_VALUE, keys);
    uint32_t bits = 1;
    while ((uint64_t)1 << 2 * bits < count)
        bits++;
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    do {
        uint64_t left = place >> bits, right = place & mask;
        for (int round = 3; round >= 0; round--) {
            uint64_t swapped = right ^ (hone_random_mix(left, keys[round]) & mask);
            right = left;
            left = swapped;
        }
        place = left << bits | right;
    } while (place >= count);
    return place;
}

/* ---- conversions to an element's type, round to nearest even ---- */

HONE_RANDOM uint32_t hone_random_float_bits(float value) {
    union {
        float value;
        uint32_t bits;
    } both;
    both.value = value;
    return both.bits;
}

/* `value` must be finite. */
HONE_RANDOM uint16_t hone_random_to_bf16(float value) {
    uint32_t bits = hone_random_float_bits(value);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

/* Finite values; beyond the largest f16 becomes infinity. */
HONE_RANDOM uint16_t hone_random_to_f16(float value) {
    uint32_t bits = hone_random_float_bits(value);
    uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    if (magnitude >= 0x477FF000u) /* rounds to 65536 or more */
        return (uint16_t)(sign | 0x7C00u);
    if (magnitude < 0x33000001u) /* 2^-25 and below round to zero */
        return (uint16_t)sign;
    uint32_t exponent = magnitude >> 23, fraction = (magnitude & 0x7FFFFFu) | 0x800000u;
    uint32_t shift = exponent < 113 ? 126 - exponent : 13; /* subnormals lose more bits */
    uint32_t kept = fraction >> shift, rest = fraction & ((1u << shift) - 1u);
    uint32_t half = 1u << (shift - 1);
    kept += rest > half || (rest == half && (kept & 1u));
    if (exponent >= 113) /* drop the implied bit; a carry moves into the exponent, as it should */
        kept += (exponent - 113) << 10;
    return (uint16_t)(sign | kept);
}

#endif
