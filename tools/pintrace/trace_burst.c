// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "trace_burst.h"
#include "trace_format.h"

static uint64_t nr_of(const struct paired_part *part)
{
	return part->pin ? part->pin->nr : 0;
}

/* @b's last release is that of part @part. */
static void take(struct burst *b, const struct shown_unpin *unpin, size_t part)
{
	const struct paired_part *p = &unpin->parts[part];

	b->calls++;
	b->pins += p->pins;
	b->left = p->pin ? p->pin->left : 0;
	b->guessed |= p->guessed;
	b->time_ns = unpin->ev->time_ns;
	b->held_most_ns = p->pin ? held_ns(p->pin, b->time_ns) : 0;
}

bool burst_add(struct burst *b, const struct shown_unpin *unpin, size_t part)
{
	const struct trace_event *ev = unpin->ev;

	if (!b->calls || b->nr != nr_of(&unpin->parts[part]) || b->tgid != ev->tgid ||
	    b->tid != ev->tid || b->context != ev->context || b->function != ev->function ||
	    b->dirty != (ev->flags & 1) || b->site != unpin->site ||
	    ev->time_ns > b->time_ns + BURST_GAP_NS)
		return false;
	take(b, unpin, part);
	return true;
}

void burst_begin(struct burst *b, const struct shown_unpin *unpin, size_t part)
{
	const struct trace_event *ev = unpin->ev;
	const struct paired_pin *pin = unpin->parts[part].pin;

	*b = (struct burst){
		.nr = nr_of(&unpin->parts[part]), .tgid = ev->tgid, .tid = ev->tid,
		.context = ev->context, .function = ev->function, .dirty = ev->flags & 1,
		.pin_site = unpin->sites[part], .site = unpin->site,
	};
	memcpy(b->comm, ev->comm, sizeof(b->comm));
	take(b, unpin, part);
	b->held_ns = b->held_most_ns;
	if (pin)
		format_owner(&pin->ev, b->owner);
}
