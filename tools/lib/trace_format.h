/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of text that several views show: calls, what they gave, times. */
#ifndef PINSCOPE_TRACE_FORMAT_H
#define PINSCOPE_TRACE_FORMAT_H

#include "trace_view.h"

#define CALL_TEXT_MAX 1024	/* room for a call with all flags there are */
#define COMM_SIZE 16		/* the kernel's TASK_COMM_LEN */
#define FRAME_TEXT_MAX 1024	/* C++ has names that are longer; their ends are cut */

/* "pin_user_pages_fast" of enum gup_function, "unknown" beyond. */
const char *format_function(unsigned int function);

/* A process's name as it may be shown; it need not end in '\0'. Returns @buf. */
const char *format_comm(const char comm[COMM_SIZE], char buf[COMM_SIZE]);
/* The name of the process whose memory @ev has pinned; where it is not known, the caller's. */
const char *format_owner(const struct trace_event *ev, char buf[COMM_SIZE]);

/* "softirq" or "hardirq" of enum ledger_context; NULL in a task. */
const char *format_interrupt(unsigned int context);

/* Does @function count folios where others count pages? */
bool counts_folios(unsigned int function);

/* Did a pin call give nothing? */
bool call_failed(const struct trace_event *ev);
/*
 * Did it give something, but less than it was asked for? memfd_pin_folios()
 * is asked for a range, and told how many folios there is room for.
 */
bool call_was_partial(const struct trace_event *ev);

/* "ENOMEM" of what a pin call returned, a number when it has no name; NULL for no error. */
const char *format_error(int64_t got, char *buf, size_t size);

/* How it was called: "pin_user_pages_fast(0x7f0000001000, 512, FOLL_WRITE)". Returns @buf. */
const char *format_call(const struct trace_info *info, const struct trace_event *ev, char *buf,
			size_t size);

/*
 * What it gave: "512", "311 of 512", "-ENOMEM (Cannot allocate memory)"; and
 * "512 (499 pinned)" where the zero page was among the pages. Returns @buf.
 */
const char *format_result(const struct trace_event *ev, char *buf, size_t size);

/* "847ns", "12.3us", "2.31s", "3m05s", "2h07m", "5d03h". Returns @buf. */
const char *format_ns(uint64_t ns, char *buf, size_t size);

/*
 * What stands before a line about @ns (CLOCK_MONOTONIC), a blank at its end
 * included, in strace's formats; @last_ns: of the line before. Returns @buf.
 */
const char *format_stamp(enum trace_time how, const struct trace_info *info, uint64_t ns,
			 uint64_t last_ns, char *buf, size_t size);

/* How long a pin call took, in ns; only where begun_ns is known. */
uint64_t call_ns(const struct trace_event *ev);

/* How long @pin has been held until @now_ns, in ns. */
uint64_t held_ns(const struct paired_pin *pin, uint64_t now_ns);

#endif
