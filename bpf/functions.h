/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's functions that pin and unpin (mm/gup.c), in the order of the sources. */
#ifndef PINSCOPE_BPF_FUNCTIONS_H
#define PINSCOPE_BPF_FUNCTIONS_H

#define PIN_FUNCTIONS(F)                                                                      \
	F(pin_user_pages)                                                                     \
	F(pin_user_pages_fast)                                                                \
	F(pin_user_pages_fast_only)                                                           \
	F(pin_user_pages_remote)                                                              \
	F(pin_user_pages_unlocked)                                                            \
	F(memfd_pin_folios)                                                                   \
	F(folio_add_pin)                                                                      \
	F(folio_add_pins)

#define UNPIN_FUNCTIONS(F)                                                                    \
	F(unpin_user_page)                                                                    \
	F(unpin_user_pages)                                                                   \
	F(unpin_user_pages_dirty_lock)                                                        \
	F(unpin_user_page_range_dirty_lock)                                                   \
	F(unpin_user_folio)                                                                   \
	F(unpin_folio)                                                                        \
	F(unpin_folios)

#define GUP_FUNCTION(name) GUP_##name,

enum gup_function {
	PIN_FUNCTIONS(GUP_FUNCTION)
	FIRST_UNPIN,
	BEFORE_UNPIN = FIRST_UNPIN - 1,
	UNPIN_FUNCTIONS(GUP_FUNCTION)
	GUP_FUNCTIONS,
};

#undef GUP_FUNCTION

#define UNPIN_FUNCTION_COUNT (GUP_FUNCTIONS - FIRST_UNPIN)

#endif
