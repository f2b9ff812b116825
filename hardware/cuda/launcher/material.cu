/* material.cu - inputs and poison made on the device, and outputs looked at where they are.
 *
 * Every rule is in plugins/material.h, which the host reads too. What a kernel is told lies in
 * memory that the launcher clears afterwards, not in its parameters. A C compiler reads this file as
 * well, for tests without a device: it brings THREAD, THREADS and what follows of its own, and runs
 * one thread after another. `make material-ptx` makes material.ptx of it.
 */
#include "hardware/cuda/launcher/look.h"

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define DEVICE static __device__ __forceinline__
#define THREAD ((uint64_t)blockIdx.x * blockDim.x + threadIdx.x)
#define THREADS ((uint64_t)gridDim.x * blockDim.x)
#define ADD(at, value) atomicAdd((unsigned long long *)(at), (unsigned long long)(value))
#define LOWER(at, value) atomicMin((unsigned long long *)(at), (unsigned long long)(value))
#define RAISE(at, value) atomicMax((unsigned long long *)(at), (unsigned long long)(value))
#define ADD_REAL(at, value) atomicAdd(at, value)
#define OF_WARP(value, by) __shfl_down_sync(0xffffffffu, value, by)
#define LANES 32u
#endif

#define CHUNK 8192u /* elements of a fibre that a warp sums up */
#define STEPS HONE_SIGNS_OF_BLOCK /* indices that a thread goes along */

/* Four elements as they lie in memory. */
struct four_8 {
    uint64_t at[4];
} __attribute__((aligned(16)));
struct four_4 {
    uint32_t at[4];
} __attribute__((aligned(16)));
struct four_2 {
    uint16_t at[4];
} __attribute__((aligned(8)));
struct four_1 {
    uint8_t at[4];
} __attribute__((aligned(4)));

DEVICE uint64_t load(uint64_t address, uint32_t bytes) {
    return bytes == 8   ? *(const uint64_t *)address
           : bytes == 4 ? *(const uint32_t *)address
           : bytes == 2 ? *(const uint16_t *)address
                        : *(const uint8_t *)address;
}

DEVICE void store(uint64_t address, uint32_t bytes, uint64_t bits) {
    if (bytes == 8)
        *(uint64_t *)address = bits;
    else if (bytes == 4)
        *(uint32_t *)address = (uint32_t)bits;
    else if (bytes == 2)
        *(uint16_t *)address = (uint16_t)bits;
    else
        *(uint8_t *)address = (uint8_t)bits;
}

#define COPY_FOUR(to, type, from)                                                                  \
    for (int i = 0; i < 4; i++)                                                                    \
    (to)[i] = (type)(from)[i]

DEVICE void load_four(uint64_t address, uint32_t bytes, uint64_t bits[4]) {
    if (bytes == 8) {
        const struct four_8 four = *(const struct four_8 *)address;
        COPY_FOUR(bits, uint64_t, four.at);
    } else if (bytes == 4) {
        const struct four_4 four = *(const struct four_4 *)address;
        COPY_FOUR(bits, uint64_t, four.at);
    } else if (bytes == 2) {
        const struct four_2 four = *(const struct four_2 *)address;
        COPY_FOUR(bits, uint64_t, four.at);
    } else {
        const struct four_1 four = *(const struct four_1 *)address;
        COPY_FOUR(bits, uint64_t, four.at);
    }
}

DEVICE void store_four(uint64_t address, uint32_t bytes, const uint64_t bits[4]) {
    if (bytes == 8) {
        struct four_8 four;
        COPY_FOUR(four.at, uint64_t, bits);
        *(struct four_8 *)address = four;
    } else if (bytes == 4) {
        struct four_4 four;
        COPY_FOUR(four.at, uint32_t, bits);
        *(struct four_4 *)address = four;
    } else if (bytes == 2) {
        struct four_2 four;
        COPY_FOUR(four.at, uint16_t, bits);
        *(struct four_2 *)address = four;
    } else {
        struct four_1 four;
        COPY_FOUR(four.at, uint8_t, bits);
        *(struct four_1 *)address = four;
    }
}

/* Elements of a block of four that are there; all four, and where a vector can lie: 4 and *whole. */
DEVICE uint32_t count_in(const struct hone_material *material, uint64_t block, uint32_t bytes,
                         int *whole) {
    const uint64_t left = material->count - 4 * block;
    const uint32_t unit = bytes == 8 ? 16 : 4 * bytes;
    *whole = left >= 4 && material->address % unit == 0;
    return left < 4 ? (uint32_t)left : 4;
}

DEVICE void read_block(const struct hone_material *material, uint64_t block, uint32_t bytes,
                       uint32_t *count, uint64_t bits[4]) {
    const uint64_t at = material->address + 4 * block * bytes;
    int whole;
    *count = count_in(material, block, bytes, &whole);
    if (whole)
        load_four(at, bytes, bits);
    else
        for (uint32_t i = 0; i < *count; i++)
            bits[i] = load(at + i * bytes, bytes);
}

KERNEL hone_fill(const struct hone_material *told) {
    const struct hone_material material = *told;
    const uint32_t bytes = hone_format_bytes(material.format);
    for (uint64_t block = THREAD; 4 * block < material.count; block += THREADS) {
        const uint64_t at = material.address + 4 * block * bytes;
        uint64_t bits[4];
        int whole;
        const uint32_t count = count_in(&material, block, bytes, &whole);
        hone_material_bits(&material, block, bits);
        if (whole)
            store_four(at, bytes, bits);
        else
            for (uint32_t i = 0; i < count; i++)
                store(at + i * bytes, bytes, bits[i]);
    }
}

DEVICE void note_change(uint64_t place, struct hone_seen *seen) {
    if (seen->changed++ == 0)
        seen->first_changed = place;
    seen->last_changed = place;
}

DEVICE void note_output(uint32_t format, int same, uint64_t bits, uint64_t place,
                        struct hone_seen *seen) {
    const int finite = hone_bits_are_finite(format, bits);
    const int infinite = !finite && hone_bits_are_infinite(format, bits);
    uint64_t *first = finite ? &seen->first_same : &seen->first_strange;
    if (!same && finite)
        return;
    seen->unwritten += same && !infinite;
    seen->poisoned_infinities += same && infinite;
    seen->non_finite += !same;
    if (place < *first)
        *first = place;
}

/* What a thread has seen, into what all have. */
DEVICE void note_all(const struct hone_seen *mine, struct hone_seen *all) {
    if (mine->changed) {
        ADD(&all->changed, mine->changed);
        LOWER(&all->first_changed, mine->first_changed);
        RAISE(&all->last_changed, mine->last_changed);
    }
    if (mine->unwritten || mine->poisoned_infinities || mine->non_finite) {
        ADD(&all->unwritten, mine->unwritten);
        ADD(&all->poisoned_infinities, mine->poisoned_infinities);
        ADD(&all->non_finite, mine->non_finite);
        LOWER(&all->first_strange, mine->first_strange);
        LOWER(&all->first_same, mine->first_same);
    }
    if (mine->digest)
        ADD(&all->digest, mine->digest);
}

/* What is not as it was made; of an output, what shall be nowhere in it. */
KERNEL hone_look(struct hone_launcher_look *look) {
    const struct hone_material material = look->material;
    const uint32_t bytes = hone_format_bytes(material.format), unpoisoned = look->unpoisoned;
    const int is_output = look->kind == HONE_LOOK_OUTPUT;
    const uint64_t digest_seed = look->digest_seed;
    struct hone_seen seen = {0, UINT64_MAX, 0, 0, 0, 0, UINT64_MAX, UINT64_MAX, 0};
    for (uint64_t block = THREAD; 4 * block < material.count; block += THREADS) {
        uint64_t bits[4] = {0, 0, 0, 0}, got[4];
        uint32_t count;
        if (!unpoisoned)
            hone_material_bits(&material, block, bits);
        read_block(&material, block, bytes, &count, got);
        if (digest_seed)
            seen.digest += hone_digest_of(digest_seed, block, got, count);
        for (uint32_t i = 0; i < count; i++)
            if (is_output)
                note_output(material.format, !unpoisoned && got[i] == bits[i], got[i],
                            4 * block + i, &seen);
            else if (got[i] != bits[i])
                note_change(4 * block + i, &seen);
    }
    note_all(&seen, &look->seen);
}

/* The run that has element `index` of all that are wanted. */
DEVICE const struct hone_run *run_of(const struct hone_run *runs, uint64_t count, uint64_t index) {
    uint64_t low = 0;
    while (count > 1) {
        const uint64_t half = count / 2;
        if (runs[low + half].before <= index) {
            low += half;
            count -= half;
        } else {
            count = half;
        }
    }
    return runs + low;
}

/* The elements that are wanted, next to each other. */
KERNEL hone_gather(const struct hone_launcher_look *look, uint8_t *base) {
    const struct hone_material material = look->material;
    const uint32_t bytes = hone_format_bytes(material.format);
    const struct hone_run *runs = (const struct hone_run *)(base + look->run_offset);
    const uint64_t to = (uint64_t)(base + look->element_offset), count = look->element_count;
    for (uint64_t index = THREAD; index < count; index += THREADS) {
        const struct hone_run *run = run_of(runs, look->run_count, index);
        const uint64_t place = run->first + (index - run->before);
        store(to + index * bytes, bytes, load(material.address + place * bytes, bytes));
    }
}

DEVICE double signed_by(double value, uint32_t sign) {
    return sign ? -value : value;
}

/* Every lane's numbers into the sums of one fibre. */
DEVICE void add_warp(double *sums, double parts[3]) {
    for (int v = 0; v < 3; v++) {
        for (uint32_t by = LANES / 2; by > 0; by /= 2)
            parts[v] += OF_WARP(parts[v], by);
        if (THREAD % LANES == 0)
            ADD_REAL(sums + v, parts[v]);
    }
}

/* Fibres of contiguous elements: a warp for each chunk of one. */
DEVICE void sum_rows(const struct hone_launcher_look *look, double *sums) {
    const uint32_t format = look->material.format, bytes = hone_format_bytes(format);
    const uint64_t length = look->length, chunks = (length + CHUNK - 1) / CHUNK;
    for (uint64_t unit = THREAD / LANES; unit < look->outer * chunks; unit += THREADS / LANES) {
        const uint64_t fibre = unit / chunks, begin = unit % chunks * CHUNK;
        const uint64_t end = begin + CHUNK < length ? begin + CHUNK : length;
        const uint64_t from = look->material.address + fibre * length * bytes;
        double parts[3] = {0, 0, 0};
        for (uint64_t j = begin + 4 * (THREAD % LANES); j < end; j += 4 * LANES) {
            uint32_t words[4];
            hone_random_block(look->sign_seed, j / STEPS, look->sign_argument, HONE_STREAM_SIGN,
                              words);
            for (uint64_t k = j; k < end && k < j + 4; k++) {
                const double value = hone_widen(format, load(from + k * bytes, bytes));
                const uint32_t signs = hone_signs_in(words, k);
                parts[0] += signed_by(value, signs & 1);
                parts[1] += signed_by(value, signs & 2);
                parts[2] += value * value;
            }
        }
        add_warp(sums + 3 * fibre, parts);
    }
}

/* Fibres side by side: a thread goes along some of one, its neighbours along the next. */
DEVICE void sum_columns(const struct hone_launcher_look *look, double *sums) {
    const uint32_t format = look->material.format, bytes = hone_format_bytes(format);
    const uint64_t length = look->length, inner = look->inner;
    const uint64_t stretches = (length + STEPS - 1) / STEPS;
    for (uint64_t unit = THREAD; unit < look->outer * stretches * inner; unit += THREADS) {
        const uint64_t i = unit % inner, stretch = unit / inner % stretches;
        const uint64_t o = unit / inner / stretches, begin = stretch * STEPS;
        const uint64_t end = begin + STEPS < length ? begin + STEPS : length;
        double parts[3] = {0, 0, 0};
        uint32_t words[4];
        hone_random_block(look->sign_seed, stretch, look->sign_argument, HONE_STREAM_SIGN, words);
        for (uint64_t j = begin; j < end; j++) {
            const uint64_t place = (o * length + j) * inner + i;
            const double value =
                hone_widen(format, load(look->material.address + place * bytes, bytes));
            const uint32_t signs = hone_signs_in(words, j);
            parts[0] += signed_by(value, signs & 1);
            parts[1] += signed_by(value, signs & 2);
            parts[2] += value * value;
        }
        for (int v = 0; v < 3; v++)
            ADD_REAL(sums + 3 * (o * inner + i) + v, parts[v]);
    }
}

KERNEL hone_sum(const struct hone_launcher_look *told, uint8_t *base) {
    const struct hone_launcher_look look = *told;
    double *sums = (double *)(base + look.sum_offset);
    if (look.inner == 1)
        sum_rows(&look, sums);
    else
        sum_columns(&look, sums);
}
