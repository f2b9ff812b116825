/* place.h - sizes and places of fields as literal numbers, for structs that others were compiled
 * with. */
#ifndef HONE_TESTS_ABI_PLACE_H
#define HONE_TESTS_ABI_PLACE_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stddef.h>

#define SIZE(type, size) cr_expect(eq(sz, sizeof(type), size), #type)
#define PLACE(type, field, place) cr_expect(eq(sz, offsetof(type, field), place), #type " " #field)

#endif
