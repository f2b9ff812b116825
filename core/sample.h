/* sample.h - the truth of a workload that is too big to compute whole.
 *
 * A task says along which axes its oracle can be asked for a few indices alone ("sample": {"axes":
 * {"m": 64, "n": 64}}): its inputs are cut to these indices, and the oracle runs on the smaller
 * problem as on any other. Which indices is drawn from the set's seed: the first and last, half of
 * the others beside the edges of blocks, the rest anywhere. Every output is judged there.
 *
 * Where the outputs are linear in one axis ("linear": "n"), every element is judged by Freivalds'
 * check (Freivalds, "Probabilistic machines can use less running time", 1977): for signs r drawn
 * from the seed, sums over that axis of r times the output must be what the oracle makes of the
 * inputs summed in the same way: C r = A (B r), for the price of a product with a few vectors. A
 * summed input is handed over as two floats, high and low, so that it keeps 48 bits. HONE_SUMS
 * vectors are drawn for a set.
 *
 * How far a sum may be off. Each element of a right output is off by e_j, |e_j| <= t_j = atol +
 * rtol |w_j|. Whoever wrote it did not know r, so sum r_j e_j is a sum of independent terms of mean
 * 0 within +-t_j, and by Hoeffding's inequality (1963) exceeds
 *
 *     sqrt(2 ln(2 / p)) ||t||,   ||t|| <= (atol sqrt(L) + rtol ||g||) / (1 - rtol)
 *
 * with probability p at most, L the length of the axis, g what was written. p is 1e-12 over all
 * sums of an output. Rounding in double adds 16 u (2 sqrt(L) + 256) ||g|| (Higham and Mary, "A new
 * approach to probabilistic rounding error analysis", 2019, with room).
 *
 * What is caught: one wrong element of a fibre, whenever its error exceeds the bound (about 9
 * sqrt(L) tolerances); of many wrong elements of one fibre with errors whose norm is twice the
 * bound or more, with probability 3/16 at least for each vector (Paley-Zygmund, E S^4 <= 3 (E
 * S^2)^2), fibres and vectors independently. A sampled position tells as any judged element; a
 * share s of wrong elements at positions that have nothing to do with the sample is missed by
 * (1 - s)^samples. Unwritten and non-finite elements are looked for everywhere (core/judge.h).
 *
 * Sets of this size are drawn by a scorer; a device with memory of its own may draw its inputs by
 * itself, from the same functions, and look at its outputs there (core/remote.h). Any thread.
 */
#ifndef HONE_CORE_SAMPLE_H
#define HONE_CORE_SAMPLE_H

#include "core/judge.h"
#include "core/task.h"

/* An output as fibres along the linear axis: element (o, j, i) is number (o * length + j) * inner +
 * i, its fibre o * inner + i. False: the task has no linear axis. */
struct hone_fibres {
    int64_t outer, length, inner;
};
bool hone_sample_fibres(const struct hone_task *task, const struct hone_workload *workload,
                        uint32_t arg, struct hone_fibres *fibres);

/* The indices of sample axis `axis` (of the task's sample) that a seed draws, ascending: as many as
 * hone_sample_count() says. */
int64_t hone_sample_count(const struct hone_task *task, const struct hone_workload *workload,
                          uint32_t axis);
void hone_sample_draw(const struct hone_task *task, const struct hone_workload *workload,
                      uint64_t seed, uint32_t axis, int64_t *indices);

/* Whoever draws the inputs of a set knows the seed that draws them, and whoever sums its outputs up
 * that of the signs: a device, in whose memory a candidate might look for them. So a sampled set's
 * inputs and signs are drawn from seeds of their own, of which neither tells the set's, which its
 * indices are drawn from: the first words of Philox with the set's seed as key. */
uint64_t hone_sample_inputs_seed(uint64_t seed);
uint64_t hone_sample_signs_seed(uint64_t seed);

/* Fill the oracle's part of a sampled set whose inputs are in place. `run` computes the oracle of a
 * smaller problem, laid out as any whole set. */
struct hone_sample_oracle {
    void *context;
    int (*run)(void *context, const struct hone_workload *workload,
               const struct hone_set_layout *layout, void *memory, struct hone_error *error);
};
int hone_sample_fill(const struct hone_task *task, const struct hone_workload *workload,
                     const struct hone_set_layout *layout, uint64_t seed, void *memory,
                     const struct hone_sample_oracle *oracle, struct hone_error *error);

/* What one output of a filled set is judged by; points into the set. -EIO: it holds what no oracle
 * gives: positions out of order, values that are not finite. */
int hone_sample_judged(const struct hone_task *task, const struct hone_workload *workload,
                       const struct hone_set_layout *layout, const void *memory, uint32_t arg,
                       struct hone_judged_sample *sample, struct hone_error *error);

/* Where the parts of a sampled set lie, after its inputs. */
void hone_sample_layout(const struct hone_task *task, const struct hone_workload *workload,
                        struct hone_set_layout *layout);

#endif
