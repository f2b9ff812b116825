/* predefined.h - the macros that a source finds although nobody defined them: NVRTC's, with its
 * values.
 *
 * A source must be the same code on every device, so that it may ask for nothing that differs. The
 * compiler's own macros are not there (-undef), and what standards make it keep goes here. Which of
 * these, and of what is defined nowhere, a source may ask, hardware/device/words.c lists. */
#ifndef HONE_DEVICE_PREDEFINED_H
#define HONE_DEVICE_PREDEFINED_H

#pragma GCC system_header /* which may undefine what standards define */

#undef _GNU_SOURCE
#undef __STDC_UTF_16__
#undef __STDC_UTF_32__
#undef __STDCPP_THREADS__
#undef __GCC_HAVE_DWARF2_CFI_ASM

/* The architecture is that of the GPU the suite is written for. */
#define __CUDA_ARCH__ 900
#define __CUDACC__ 1
#define __CUDACC_RTC__ 1
#define __CUDACC_VER_MAJOR__ 13
#define __CUDACC_VER_MINOR__ 0
#define CUDART_VERSION 13000

/* Of C++17, as far as both have it. */
#define __cpp_aggregate_bases 201603
#define __cpp_aggregate_nsdmi 201304
#define __cpp_alias_templates 200704
#define __cpp_aligned_new 201606
#define __cpp_attributes 200809
#define __cpp_binary_literals 201304
#define __cpp_capture_star_this 201603
#define __cpp_constexpr 201603
#define __cpp_decltype 200707
#define __cpp_decltype_auto 201304
#define __cpp_deduction_guides 201703
#define __cpp_delegating_constructors 200604
#define __cpp_enumerator_attributes 201411
#define __cpp_exceptions 199711
#define __cpp_fold_expressions 201603
#define __cpp_generic_lambdas 201304
#define __cpp_guaranteed_copy_elision 201606
#define __cpp_hex_float 201603
#define __cpp_if_constexpr 201606
#define __cpp_inheriting_constructors 201511
#define __cpp_init_captures 201304
#define __cpp_initializer_lists 200806
#define __cpp_inline_variables 201606
#define __cpp_lambdas 200907
#define __cpp_namespace_attributes 201411
#define __cpp_nested_namespace_definitions 201411
#define __cpp_noexcept_function_type 201510
#define __cpp_nontype_template_args 201411
#define __cpp_nontype_template_parameter_auto 201606
#define __cpp_nsdmi 200809
#define __cpp_range_based_for 201603
#define __cpp_raw_strings 200710
#define __cpp_ref_qualifiers 200710
#define __cpp_return_type_deduction 201304
#define __cpp_rtti 199711
#define __cpp_rvalue_references 200610
#define __cpp_sized_deallocation 201309
#define __cpp_static_assert 201411
#define __cpp_structured_bindings 201606
#define __cpp_template_template_args 201611
#define __cpp_threadsafe_static_init 200806
#define __cpp_unicode_characters 200704
#define __cpp_unicode_literals 200710
#define __cpp_user_defined_literals 200809
#define __cpp_variable_templates 201304
#define __cpp_variadic_templates 200704
#define __cpp_variadic_using 201611

#endif
