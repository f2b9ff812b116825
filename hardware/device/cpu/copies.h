/* copies.h - asynchronous copies: made when they are waited for, and not before.
 *
 * Each thread has a queue of its own, in groups; what it never waits for never arrives. Where
 * threads are the turns of a loop, and share nothing, a copy is made at once.
 */
#ifndef HONE_DEVICE_CPU_COPIES_H
#define HONE_DEVICE_CPU_COPIES_H

/* `piece` bytes, of which the last are `zeros`, and again `step` further, up to `size`. */
struct hone_copy {
    char *to;
    const char *from;
    unsigned size, piece, zeros, step, group;
};

#ifdef HONE_LOOP
#define HONE_COPY_LATER 0
#define HONE_COPY_TELL(call) (void)line
#elif defined HONE_CHECKING
#define HONE_COPY_LATER 1
#define HONE_COPY_TELL(call) call
#else
#define HONE_COPY_LATER 1
#define HONE_COPY_TELL(call) (void)line
#endif
#define HONE_COPIES_MOST 64u /* of a thread; if there are more, the first arrive early */

/* Templates, so that a source that copies nothing has none of it. */
template <class> struct hone_copies { static hone_copy queue[HONE_QUEUES_MAX][HONE_COPIES_MOST]; };
template <class T> hone_copy hone_copies<T>::queue[HONE_QUEUES_MAX][HONE_COPIES_MOST];

#define HONE_COPY_PIECES(copy, at, some)                                                           \
    for (unsigned at = 0, some; at < (copy).size; at += (copy).step)                               \
        if ((some = (copy).size - at < (copy).piece ? (copy).size - at : (copy).piece))

template <class T> HONE_DEVICE_TEMPLATE void hone_copy_make(const hone_copy &copy, T line) {
    HONE_COPY_PIECES(copy, at, some) {
        const unsigned bytes = some - copy.zeros;
        HONE_COPY_TELL(hone_check_arrival(copy.to + at, some, line));
        for (unsigned i = 0; i < bytes; i++)
            ((volatile char *)copy.to)[at + i] = copy.from[at + i];
        for (unsigned i = bytes; i < some; i++)
            ((volatile char *)copy.to)[at + i] = 0;
    }
}

template <class T> HONE_DEVICE_TEMPLATE void hone_copy_begin(hone_copy copy, T line) {
    if constexpr (!HONE_COPY_LATER) {
        hone_copy_make(copy, line);
    } else {
        hone_fiber *self = hone_now;
        hone_copy *queue = hone_copies<T>::queue[hone_first_queue + (self - hone_fibers)];
        HONE_COPY_PIECES(copy, at, some)
        HONE_COPY_TELL(
            hone_check_copy(copy.to + at, copy.from + at, some, some - copy.zeros, line));
        if (self->copies_begun - self->copies_made == HONE_COPIES_MOST)
            hone_copy_make(queue[self->copies_made++ % HONE_COPIES_MOST], line);
        copy.group = self->copy_group;
        queue[self->copies_begun++ % HONE_COPIES_MOST] = copy;
    }
}

/* What was begun up to now is a group. */
HONE_DEVICE void hone_copy_commit(void) {
#ifndef HONE_LOOP
    hone_now->copy_group++;
#endif
}

/* Wait for all groups but the last so many. */
template <class T> HONE_DEVICE_TEMPLATE void hone_copy_wait(unsigned long groups, T line) {
    if constexpr (HONE_COPY_LATER) {
        hone_fiber *self = hone_now;
        hone_copy *queue = hone_copies<T>::queue[hone_first_queue + (self - hone_fibers)];
        for (; self->copies_made != self->copies_begun; self->copies_made++) {
            const hone_copy &copy = queue[self->copies_made % HONE_COPIES_MOST];
            if (copy.group + groups >= self->copy_group)
                break;
            hone_copy_make(copy, line);
        }
    }
}

#undef HONE_COPY_PIECES
#undef HONE_COPY_TELL
#undef HONE_COPY_LATER

#endif
