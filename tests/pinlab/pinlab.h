/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pinlab: a module that pins memory rightly, and wrongly on purpose; what it and its program share.
 * Only for guests that are thrown away.
 *
 * Every ioctl but the last two takes what "struct pinlab" says and answers there, also when it
 * fails. What the right ones hold, and the wrong ones that only hold, ends with PINLAB_RELEASE or
 * with the file. Nothing but PINLAB_REPAIR, from any file, ends what the other wrong ones leave.
 */
#ifndef PINLAB_H
#define PINLAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PINLAB_DEVICE	"/dev/pinlab"

struct pinlab {
	__u64	address;	/* of memory; PINLAB_FOLIOS: a place in a memfd, in bytes */
	__u64	pages;		/* how many to pin, of the smallest size */
	__u32	flags;
#define PINLAB_WRITE	(1U << 0)	/* with FOLL_WRITE; touching is writing */
#define PINLAB_LOCKED	(1U << 1)	/* long-term ones count as VmLck; else as VmPin */
	__s32	target;		/* PINLAB_REMOTE: a PID, PINLAB_FOLIOS: a memfd */
	/* The answer. */
	__s64	pins;		/* by so many more, or fewer, are in flight, the kernel counts */
	__s64	seen;		/* so many of them the pages themselves show */
	__s32	error;		/* 0, or an errno: what the ioctl failed with */
	__u32	reserved;
};

#define PINLAB_IOCTL(nr)	_IOWR('P', nr, struct pinlab)

/* Right. */
#define PINLAB_HOLD		PINLAB_IOCTL(1)	/* pin_user_pages(), long-term */
#define PINLAB_SHORT		PINLAB_IOCTL(2)	/* pin, touch, unpin */
#define PINLAB_FAST		PINLAB_IOCTL(3)	/* pin_user_pages_fast(), long-term */
#define PINLAB_REMOTE		PINLAB_IOCTL(4)	/* another process's, long-term */
#define PINLAB_FOLIOS		PINLAB_IOCTL(5)	/* memfd_pin_folios() */
#define PINLAB_RANGE		PINLAB_IOCTL(6)	/* released by ranges */
#define PINLAB_ERROR		PINLAB_IOCTL(7)	/* an error, and all given back: EIO */

/* Wrong. */
#define PINLAB_LEAK		PINLAB_IOCTL(32)	/* never given back */
#define PINLAB_LEAK_ON_ERROR	PINLAB_IOCTL(33)	/* nor after an error: EIO */
#define PINLAB_HOLD_SHORT	PINLAB_IOCTL(34)	/* held without FOLL_LONGTERM */
#define PINLAB_OVER_UNPIN	PINLAB_IOCTL(35)	/* each pin given back twice */
#define PINLAB_PUT_PAGE		PINLAB_IOCTL(36)	/* pinned, dropped with put_page() */
#define PINLAB_GET_UNPIN	PINLAB_IOCTL(37)	/* got by get_user_pages_fast(), unpinned */
#define PINLAB_MOVABLE		PINLAB_IOCTL(38)	/* long-term in ZONE_MOVABLE: its mmap() */
#define PINLAB_NOT_DIRTIED	PINLAB_IOCTL(39)	/* written to, given back as if not */
#define PINLAB_UNACCOUNTED	PINLAB_IOCTL(40)	/* long-term, charged to nobody */
#define PINLAB_FAILED_LEFT	PINLAB_IOCTL(41)	/* a call fails and leaves pins: ENOMEM */
#define PINLAB_PARTIAL		PINLAB_IOCTL(42)	/* fewer than asked, which stay: EFAULT */

#define PINLAB_RELEASE		_IO('P', 64)
#define PINLAB_REPAIR		_IO('P', 65)	/* returns how many were to be repaired */

#endif
