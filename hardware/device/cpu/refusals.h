/* refusals.h - names that stop the build with a sentence.
 *
 * The scan of the source (hardware/device/scan.h) says the same with a line and a column before
 * anything is compiled; this is for what macros and pasted tokens hide from it. */
#ifndef HONE_DEVICE_REFUSALS_H
#define HONE_DEVICE_REFUSALS_H

#pragma GCC system_header /* clang would warn of each macro that is poisoned */

#define HONE_REFUSED(why) __attribute__((unavailable("hone refuses this: " why)))

extern "C" {
int printf(const char *, ...) HONE_REFUSED("nobody reads what is printed; remove it");
void *malloc(size_t) HONE_REFUSED("no memory is allocated on the device; use a `workspace` line");
void free(void *) HONE_REFUSED("no memory is allocated on the device; use a `workspace` line");
clock_t clock() HONE_REFUSED("clocks are not read on the device; the observation has the times");
}
long long clock64()
    HONE_REFUSED("clocks are not read on the device; the observation has the times");
void *operator new(size_t) HONE_REFUSED("no memory is allocated; use a `workspace` line");
void *operator new[](size_t) HONE_REFUSED("no memory is allocated; use a `workspace` line");

/* Before these, the headers need the word themselves; after these, nobody does. */
#define asm _Pragma("GCC error \"hone refuses this: inline PTX is not emulated; use CUDA C++\"")
#define __asm asm
#define __asm__ asm

#ifdef HONE_CHECKING
#define __builtin_memcpy memcpy
#define __builtin_memset memset
#endif

/* What is a word of C++ or of the compiler's, and would do something else than on a GPU. */
#pragma GCC poison thread_local __thread _Thread_local
#pragma GCC poison alloca __builtin_alloca __builtin_alloca_with_align

/* Nor may a source ask what it is compiled by, or where: what compilers answer to is no macro that
 * could be undefined, or there on one device only, and pasted words no scan sees. */
#pragma GCC poison __COUNTER__ __INCLUDE_LEVEL__ __BASE_FILE__ __TIMESTAMP__ __DATE__ __TIME__
#pragma GCC poison __has_include __has_include_next __has_embed __has_builtin __has_attribute
#pragma GCC poison __has_cpp_attribute __has_feature __has_extension __has_warning
#pragma GCC poison __has_declspec_attribute __has_constexpr_builtin __is_identifier
#pragma GCC poison __is_target_arch __is_target_vendor __is_target_os __is_target_environment
#pragma GCC poison __PRETTY_FUNCTION__ __builtin_FILE __builtin_FUNCTION
#pragma GCC poison __builtin_constant_p __builtin_is_constant_evaluated
#pragma GCC poison push_macro pop_macro redefine_extname scalar_storage_order no_unique_address
#pragma GCC poison vector_size __vector_size__ ext_vector_type __ext_vector_type__ __mode__
#pragma GCC poison transparent_union __transparent_union__ ms_struct __ms_struct__ gcc_struct
#pragma GCC poison __cleanup__ __alias__ __ifunc__ __constructor__ __destructor__ address_space

/* Nor may a source tell the build that is checked from the one that is timed, or take its accesses
 * out of what is checked. Macros of ours that have these words still expand to them. */
#undef HONE_CHECKING
#undef HONE_LOOP
#undef __SANITIZE_THREAD__
#pragma GCC poison HONE_CHECKING HONE_LOOP __SANITIZE_THREAD__
#pragma GCC poison no_sanitize __no_sanitize__ no_sanitize_thread __no_sanitize_thread__
#pragma GCC poison no_sanitize_undefined __no_sanitize_undefined__
#pragma GCC poison disable_sanitizer_instrumentation

#endif
