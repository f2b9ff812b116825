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

/* In every build, as a source could see in which they are macros; one build checks their bytes. */
#define __builtin_memcpy memcpy
#define __builtin_memset memset

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

/* Nor by names of the runtime, which pasted tokens might make, or of what one build alone calls. */
#pragma GCC poison weakref __weakref__ ifunc __ifunc__
#pragma GCC poison hone_arrive hone_block hone_block_begin hone_block_end hone_block_link
#pragma GCC poison hone_cells_begin hone_cells_clear hone_cells_confirm hone_cells_forget
#pragma GCC poison hone_cells_keep hone_cells_restore hone_cells_settle hone_cells_take hone_check
#pragma GCC poison hone_check_access hone_check_arrival hone_check_block hone_check_constant
#pragma GCC poison hone_check_copy hone_check_end hone_check_fence hone_check_guesses              \
    hone_check_overtaken
#pragma GCC poison hone_check_launch hone_check_strong hone_check_thread hone_check_volatile
#pragma GCC poison hone_checking hone_confirm hone_fault hone_fences hone_fibers hone_first_queue
#pragma GCC poison hone_change_made hone_change_seen hone_changes_forget hone_is_overtaken
#pragma GCC poison hone_overtaken_end hone_overtaken_forget hone_overtaken_at hone_overtaken_polls
#pragma GCC poison hone_overtaken_read hone_report_overtaken
#pragma GCC poison hone_give_way hone_grid hone_guess hone_guesses_forget hone_confirm_at          \
    hone_idle hone_irregular hone_is_before hone_is_known
#pragma GCC poison hone_know_fence hone_know_nothing hone_know_read hone_know_write hone_line_at
#pragma GCC poison hone_now hone_report_begin hone_report_end hone_report_foreign
#pragma GCC poison hone_report_past_shared hone_report_race hone_report_stale hone_report_unarrived
#pragma GCC poison hone_report_unwritten hone_report_wild hone_residents_interrupt                 \
    hone_residents_pass hone_residents_run
#pragma GCC poison hone_residents_told hone_residents_wait hone_say hone_say_fiber hone_say_line
#pragma GCC poison hone_say_number hone_shared hone_too_many_barriers hone_waits hone_warps
#pragma GCC poison hone_was_written hone_wrong_mask
#pragma GCC poison __tsan_func_entry __tsan_func_exit __tsan_init __tsan_memcpy __tsan_memmove
#pragma GCC poison __tsan_memset __tsan_read1 __tsan_read16 __tsan_read2 __tsan_read4 __tsan_read8
#pragma GCC poison __tsan_read_range __tsan_unaligned_read1 __tsan_unaligned_read16
#pragma GCC poison __tsan_unaligned_read2 __tsan_unaligned_read4 __tsan_unaligned_read8
#pragma GCC poison __tsan_unaligned_volatile_read1 __tsan_unaligned_volatile_read16
#pragma GCC poison __tsan_unaligned_volatile_read2 __tsan_unaligned_volatile_read4
#pragma GCC poison __tsan_unaligned_volatile_read8 __tsan_unaligned_volatile_write1
#pragma GCC poison __tsan_unaligned_volatile_write16 __tsan_unaligned_volatile_write2
#pragma GCC poison __tsan_unaligned_volatile_write4 __tsan_unaligned_volatile_write8
#pragma GCC poison __tsan_unaligned_write1 __tsan_unaligned_write16 __tsan_unaligned_write2
#pragma GCC poison __tsan_unaligned_write4 __tsan_unaligned_write8 __tsan_volatile_read1
#pragma GCC poison __tsan_volatile_read16 __tsan_volatile_read2 __tsan_volatile_read4
#pragma GCC poison __tsan_volatile_read8 __tsan_volatile_write1 __tsan_volatile_write16
#pragma GCC poison __tsan_volatile_write2 __tsan_volatile_write4 __tsan_volatile_write8
#pragma GCC poison __tsan_vptr_read __tsan_vptr_update __tsan_write1 __tsan_write16 __tsan_write2
#pragma GCC poison __tsan_write4 __tsan_write8 __tsan_write_range __ubsan_handle_out_of_bounds_abort
#pragma GCC poison __ubsan_handle_type_mismatch_v1_abort

#endif
