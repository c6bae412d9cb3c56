// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "health.h"
#include "live_json.h"

static json_t *integer(uint64_t v)
{
	return json_integer((json_int_t)(v < INT64_MAX ? v : INT64_MAX));
}

static json_t *lost_json(const struct snap_live *live)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < LOST_CAUSES; i++)
		json_object_set_new(o, health_loss_name((enum ledger_loss)i),
				    integer(live->lost[i]));
	return o;
}

static const char *way_name(enum attach_way way)
{
	switch (way) {
	case ATTACH_FENTRY:
		return "fentry";
	case ATTACH_KPROBE:
		return "kprobe";
	case ATTACH_ABSENT:
		return "absent";
	default:
		return "missing";
	}
}

static json_t *probes_json(const struct snap_live *live)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < live->nr_probes; i++) {
		const struct attach_state *p = &live->probes[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:o}",
			"function", p->function,
			"way", way_name(p->way),
			"error", p->way == ATTACH_NONE && p->err ? json_string(strerror(-p->err)) :
								   json_null()));
	}
	return list;
}

json_t *live_json(const struct snapshot *snap)
{
	const struct snap_live *live = snap->live;

	if (!live)
		return json_null();
	return json_pack("{s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:{s:i, s:i, s:i}, s:{s:i, s:i, s:i, s:i}, s:f, s:o}",
			 "in_flight", (json_int_t)live->in_flight,
			 "difference", live->difference_known && snap->kernel_known ?
				       json_integer(live->difference) : json_null(),
			 "kernel_drift", (json_int_t)live->kernel_drift,
			 "extra", integer(live->extra),
			 "lost", lost_json(live),
			 "lost_ever", integer(live->lost_ever),
			 "missed_runs", integer(live->missed_runs),
			 "repairs", integer(live->repairs),
			 "repaired_pins", integer(live->repaired_pins),
			 "events", integer(live->events),
			 "nested", integer(live->nested),
			 "retried", integer(live->retried),
			 "attached",
				"fentry", (int)live->attached.fentry,
				"kprobe", (int)live->attached.kprobe,
				"missing", (int)live->attached.missing,
			 "ledger",
				"entries", (int)live->entries,
				"entries_size", (int)live->entries_size,
				"owners", (int)live->owners,
				"owners_size", (int)live->owners_size,
			 "details_age_seconds", snap->taken_ns > live->details_ns ?
				(double)((snap->taken_ns - live->details_ns) / 1000) / 1e6 : 0.0,
			 "probes", probes_json(live));
}
