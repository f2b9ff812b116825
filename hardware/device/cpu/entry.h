/* entry.h - how the words of a plan's launch become the arguments of a kernel. */
#ifndef HONE_DEVICE_CPU_ENTRY_H
#define HONE_DEVICE_CPU_ENTRY_H

struct hone_nothing {};
template <unsigned index, class... P> struct hone_at { typedef hone_nothing type; };
template <class First, class... P> struct hone_at<0, First, P...> { typedef First type; };
template <unsigned index, class First, class... P>
struct hone_at<index, First, P...> : hone_at<index - 1, P...> {};

template <class T> struct hone_bare { typedef T type; };
template <class T> struct hone_bare<const T> { typedef T type; };

/* Whether what a plan gives, 'p'ointer, 'l'ong, 'i'nt, 'f'loat or 'd'ouble, is what the kernel
 * takes. */
template <class T> constexpr bool hone_takes(char kind) {
    typedef typename hone_bare<T>::type B;
    if (hone_is<B, hone_nothing>::value)
        return true; /* too few: said once, by the count */
    switch (kind) {
    case 'l':
        return hone_one_of<B, long, long long, unsigned long, unsigned long long>::value;
    case 'i':
        return hone_one_of<B, int, unsigned>::value;
    case 'f':
        return hone_is<B, float>::value;
    case 'd':
        return hone_is<B, double>::value;
    default:
        return false;
    }
}
template <class T> struct hone_pointer { static constexpr bool value = false; };
template <class T> struct hone_pointer<T *> { static constexpr bool value = true; };

template <class T>
static inline __attribute__((always_inline)) T hone_word(unsigned long long word) {
    if constexpr (hone_pointer<typename hone_bare<T>::type>::value) {
        return (T)word;
    } else {
        typename hone_bare<T>::type value;
        __builtin_memcpy(&value, &word, sizeof value);
        return value;
    }
}

template <class... P> struct hone_list {};
template <unsigned... I> struct hone_numbers {};
template <unsigned count, unsigned... I>
struct hone_count_up : hone_count_up<count - 1, count - 1, I...> {};
template <unsigned... I> struct hone_count_up<0, I...> { typedef hone_numbers<I...> type; };

template <class F> struct hone_signature { static constexpr bool is_kernel = false; };
template <class... P> struct hone_signature<void (*)(P...)> {
    static constexpr bool is_kernel = true;
    static constexpr unsigned count = sizeof...(P);
    typedef typename hone_count_up<sizeof...(P)>::type numbers;
    template <unsigned index> static constexpr bool takes(char kind) {
        typedef typename hone_at<index, P...>::type T;
        if (kind == 'p')
            return hone_pointer<typename hone_bare<T>::type>::value ||
                   hone_is<T, hone_nothing>::value;
        return hone_takes<T>(kind);
    }

#ifdef HONE_LOOP
    /* The threads of one y and z, in all blocks of one y and z. The loops around it are run.c's:
     * each one here is more for the compiler to do than all of a small kernel. */
    template <void (*kernel)(P...)>
    static __attribute__((always_inline)) void run_rows(P... arguments) {
        hone_grid_size::x = hone_grid.blocks.x;
        hone_grid_size::y = hone_grid.blocks.y;
        hone_grid_size::z = hone_grid.blocks.z;
        hone_block_size::x = hone_grid.threads.x;
        hone_block_size::y = hone_grid.threads.y;
        hone_block_size::z = hone_grid.threads.z;
        hone_block_index::y = hone_grid.block.y;
        hone_block_index::z = hone_grid.block.z;
        hone_thread_index::y = hone_now->thread.y;
        hone_thread_index::z = hone_now->thread.z;
        const unsigned blocks = hone_grid.blocks.x, threads = hone_grid.threads.x;
        for (unsigned b = 0; b < blocks; b++) {
            hone_block_index::x = b;
            for (unsigned t = 0; t < threads; t++) {
                hone_thread_index::x = t;
                kernel(arguments...);
            }
        }
    }
    template <void (*kernel)(P...), unsigned... I>
    static void run(const unsigned long long *words, hone_numbers<I...>) {
        run_rows<kernel>(hone_word<P>(words[I])...);
    }
#else
    template <void (*kernel)(P...), unsigned... I>
    static __attribute__((no_sanitize("thread"))) void run(const unsigned long long *words,
                                                           hone_numbers<I...>) {
        kernel(hone_word<P>(words[I])...);
    }
#endif
};

template <class F, F kernel> static void hone_enter(const unsigned long long *words) {
    typedef hone_signature<F> signature;
    signature::template run<kernel>(words, typename signature::numbers());
}

/* Of a kernel that waits for nobody, or may. */
#if defined HONE_LOOP
#define HONE_FORM(waits) HONE_FORM_ROWS
#elif defined HONE_CHECKING
#define HONE_FORM(waits) ((waits) ? HONE_FORM_FIBERS : HONE_FORM_STRAIGHT)
#else
#define HONE_FORM(waits) HONE_FORM_FIBERS
#endif

#endif
