// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup_task.h"
#include "driver_numbers.h"
#include "fold.h"
#include "live_build.h"
#include "procinfo.h"
#include "sitename.h"
#include "text.h"
#include "vec.h"

/* What is remembered of an owner record from one time to the next. */
struct seen {
	struct owner_key key;
	uint64_t acquired, released;
};

struct live_builder {
	struct ledger *ledger;
	struct kallsyms *syms;
	struct fail trouble;		/* why there are no names; empty: there are */
	struct named_site *sites;
	const struct named_ustack **ustacks;	/* of the sites, with the same index */
	size_t nr_sites, cap_sites, nr_ustacks, cap_ustacks;
	struct driver_numbers numbers;
	struct seen *seen;
	uint32_t nr_seen;
	struct live_wants wants;
	struct kernel_lines *lines;	/* NULL: not asked for */
	char *cgroup;			/* its path, see cgroup_task_path() */
};

struct live_builder *live_builder__new(struct ledger *l, const struct live_wants *wants)
{
	struct live_builder *b = xcalloc(1, sizeof(*b));

	b->ledger = l;
	b->wants = *wants;
	b->lines = wants->lines ? kernel_lines__new() : NULL;
	b->cgroup = wants->cgroup ? cgroup_task_path(wants->cgroup) : NULL;
	b->syms = kallsyms__load(KALLSYMS_PATH, MODULES_PATH, &b->trouble);
	return b;
}

void live_builder__free(struct live_builder *b)
{
	size_t i;

	if (!b)
		return;
	for (i = 0; i < b->nr_sites; i++)
		sitename_clear(&b->sites[i]);
	free(b->sites);
	kernel_lines__free(b->lines);
	free(b->ustacks);
	free(b->cgroup);
	free(b->seen);
	driver_numbers__clear(&b->numbers);
	kallsyms__free(b->syms);
	free(b);
}

const char *live_builder__trouble(const struct live_builder *b)
{
	return b->syms ? NULL : b->trouble.msg;
}

/* --- names of sites --------------------------------------------------------------------------- */

static void name_without_stack(struct named_site *s, const struct owner_key *key, bool others)
{
	const char *name = "(stack not known)", *what = "the stack could not be remembered";

	if (others) {
		name = "(others)";
		what = "the table of owners is full";
	} else if (key->flags & OWNER_BEFORE) {
		name = "(before start)";
		what = "pinned before the first look";
	} else if (key->flags & OWNER_REPAIRED) {
		name = "(repaired)";
		what = "found by a scan, its call was missed";
	}
	snprintf(s->name.driver, sizeof(s->name.driver), "%s", name);
	snprintf(s->name.function, sizeof(s->name.function), "%s", what);
	snprintf(s->summary, sizeof(s->summary), "%s", what);
}

/* Ids of sites without a stack are small numbers: hashes of stacks are not. */
static uint64_t site_id(const struct owner_key *key, bool others)
{
	return key->site ? key->site :
			   1 + (others ? 64 : key->flags & (OWNER_BEFORE | OWNER_REPAIRED));
}

static size_t site_index(struct live_builder *b, const struct owner_key *key, bool others)
{
	uint64_t id = site_id(key, others);
	const struct named_ustack **ustack;
	struct named_site *s;
	struct pin_site stack;
	size_t i;

	for (i = 0; i < b->nr_sites; i++)
		if (b->sites[i].id == id)
			return i;
	s = vec_push(b->sites, b->nr_sites, b->cap_sites);
	memset(s, 0, sizeof(*s));
	s->id = id;
	ustack = vec_push(b->ustacks, b->nr_ustacks, b->cap_ustacks);
	*ustack = NULL;
	if (!key->site || ledger__site(b->ledger, key->site, &stack)) {
		name_without_stack(s, key, others);
		return i;
	}
	sitename_fill(s, key->site, &stack, b->syms, &b->trouble);
	if (b->lines)
		sitename_add_lines(s, &stack, b->syms, b->lines);
	if (b->wants.ustacks)
		*ustack = live_ustacks__name(b->wants.ustacks, stack.ustack);
	return i;
}

/* --- building --------------------------------------------------------------------------------- */

struct building {
	struct live_builder *b;
	struct snapshot *snap;
	struct snap_live *live;
	uint32_t nr;			/* owner records */
	uint32_t *proc_of, *site_of, *driver_of, *all_of, *hold_of;
	struct fold_owner *owners;
	double seconds;
	uint64_t scanned_ns;
	size_t *slots, nr_slots;	/* see proc_slot(): index of a process, plus 1 */
	size_t cap_drivers;
};

static bool is_process(const struct snap_proc *p, const struct owner_key *key)
{
	return p->pid == (pid_t)key->tgid && (!key->tgid || p->start_ns == key->start_ns);
}

/* Processes by their number: there can be as many as owner records. */
static size_t *proc_slot(struct building *g, const struct owner_key *key)
{
	size_t at = key->tgid * 0x9e3779b1U & (g->nr_slots - 1);

	while (g->slots[at] && !is_process(&g->snap->procs[g->slots[at] - 1], key))
		at = (at + 1) & (g->nr_slots - 1);
	return &g->slots[at];
}

static void make_slots(struct building *g)
{
	size_t i;

	g->nr_slots = 64;
	while (g->nr_slots < 2 * (g->snap->nr_procs + g->nr))
		g->nr_slots *= 2;
	g->slots = xcalloc(g->nr_slots, sizeof(*g->slots));
	for (i = 0; i < g->snap->nr_procs; i++) {
		const struct snap_proc *p = &g->snap->procs[i];
		const struct owner_key key = { .tgid = (uint32_t)p->pid, .start_ns = p->start_ns };

		*proc_slot(g, &key) = i + 1;
	}
}

static void describe_process(struct snap_proc *p, const struct owner_rec *rec)
{
	struct procinfo info;

	p->pid = p->tid = (pid_t)rec->key.tgid;
	p->start_ns = rec->key.start_ns;
	memcpy(p->comm, rec->comm, sizeof(p->comm));
	p->comm[sizeof(p->comm) - 1] = '\0';
	p->uid = (uid_t)-1;
	p->vm_pin = p->vm_lck = p->memlock_soft = p->memlock_hard = SNAP_UNKNOWN;
	p->gone = true;
	if (!p->pid || !procinfo_lives(p->pid, p->start_ns) || procinfo_read(p->pid, &info))
		return;
	p->gone = false;
	p->uid = info.euid;
	p->vm_pin = info.vm_pin;
	p->vm_lck = info.vm_lck;
	p->memlock_soft = info.memlock_soft;
	p->memlock_hard = info.memlock_hard;
	p->has_cap_ipc_lock = info.cap_ipc_lock;
}

static uint32_t proc_index(struct building *g, const struct owner_rec *rec, bool others)
{
	struct snapshot *snap = g->snap;
	size_t *slot = proc_slot(g, &rec->key), i = snap->nr_procs;

	if (*slot)
		return *slot - 1;
	*slot = i + 1;
	/* Exactly as large as it is: nothing but this makes it grow. */
	snap->procs = xrealloc(snap->procs, snap->nr_procs + 1, sizeof(*snap->procs));
	memset(&snap->procs[i], 0, sizeof(snap->procs[i]));
	describe_process(&snap->procs[i], rec);
	if (others || !rec->key.tgid)
		snprintf(snap->procs[i].comm, sizeof(snap->procs[i].comm), "%s",
			 others ? "(others)" : "(unknown)");
	snap->nr_procs++;
	return i;
}

static uint32_t driver_index(struct building *g, const char *name)
{
	struct snap_live *live = g->live;
	struct live_driver *d;
	size_t i;

	for (i = 0; i < live->nr_drivers; i++)
		if (!strcmp(live->drivers[i].name, name))
			return i;
	d = vec_push(live->drivers, live->nr_drivers, g->cap_drivers);
	*d = (struct live_driver){ .name = xstrdup(name), .sum = xcalloc(1, sizeof(*d->sum)) };
	return i;
}

static void list_sites(struct building *g)
{
	struct live_builder *b = g->b;
	size_t i;

	g->live->nr_sites = b->nr_sites;
	g->live->sites = xcalloc(b->nr_sites, sizeof(*g->live->sites));
	for (i = 0; i < b->nr_sites; i++)
		g->live->sites[i] = (struct live_site){
			.id = b->sites[i].id,
			.driver = b->sites[i].name.driver,
			.detail = b->sites[i].name.detail,
			.function = b->sites[i].name.function,
			.summary = b->sites[i].summary,
			.frames = b->sites[i].frames,
			.nr_frames = b->sites[i].nr_frames,
			.truncated = b->sites[i].truncated,
			.ustack = b->ustacks[i],
			.sum = xcalloc(1, sizeof(struct pin_sum)),
		};
}

static void add_flow(struct pin_flow *flow, const struct owner_rec *rec, const struct seen *seen,
		     const struct fold_owner *held, double seconds)
{
	flow->acquired += rec->acquired;
	flow->released += rec->released;
	flow->peak_pins += rec->peak;
	flow->calls += rec->calls;
	flow->failed += rec->failed;
	flow->partial += rec->partial;
	flow->guessed += rec->guessed;
	if (rec->key.flags & OWNER_LONGTERM)
		flow->longterm += held->pins;
	else if (!(rec->key.flags & (OWNER_BEFORE | OWNER_REPAIRED)))
		flow->shortterm += held->pins;
	if (seconds > 0) {
		flow->pin_rate += (double)(rec->acquired - seen->acquired) / seconds;
		flow->unpin_rate += (double)(rec->released - seen->released) / seconds;
	}
	if (held->oldest_ns && (!flow->oldest_ns || held->oldest_ns < flow->oldest_ns))
		flow->oldest_ns = held->oldest_ns;
}

/* Divides the records into processes, sites and drivers. */
static void classify(struct building *g)
{
	uint32_t i;

	for (i = 0; i < g->nr; i++) {
		const struct owner_rec *rec = ledger__owner(g->b->ledger, i);
		bool others = i == OWNER_OTHERS, used = i && !(rec->key.flags & OWNER_UNUSED) &&
						       (rec->calls || rec->acquired);

		g->proc_of[i] = g->site_of[i] = g->driver_of[i] = g->all_of[i] = FOLD_NONE;
		g->hold_of[i] = FOLD_NONE;
		if (!used)
			continue;
		g->all_of[i] = 0;
		if (g->b->wants.holds && rec->acquired != rec->released)
			g->hold_of[i] = g->live->nr_holds++;
		g->proc_of[i] = proc_index(g, rec, others);
		g->site_of[i] = site_index(g->b, &rec->key, others);
		g->driver_of[i] = driver_index(g, g->b->sites[g->site_of[i]].name.driver);
		if (rec->key.site && !rec->driver)
			ledger__set_driver(g->b->ledger, i,
					   driver_numbers__of(&g->b->numbers,
							      &g->b->sites[g->site_of[i]].name));
	}
	driver_numbers__name_code(&g->b->numbers, g->b->ledger, g->b->syms);
	list_sites(g);
}

/* Of what was there before no call was seen: it counts where its process is now. */
static bool is_in_cgroup(const struct building *g, const struct owner_rec *rec)
{
	if (!g->b->cgroup || rec->key.flags & OWNER_IN_CGROUP)
		return g->b->cgroup;
	return rec->key.flags & (OWNER_BEFORE | OWNER_REPAIRED) && rec->key.tgid &&
	       procinfo_lives((pid_t)rec->key.tgid, rec->key.start_ns) &&
	       cgroup_task_has(g->b->cgroup, (pid_t)rec->key.tgid);
}

/* Without those whose last pin has gone meanwhile. */
static void list_holds(struct building *g, const struct pin_sum *sums, const uint64_t *unmapped)
{
	struct snap_live *live = g->live;
	struct live_hold *h;
	uint32_t i;

	live->holds = xcalloc(live->nr_holds, sizeof(*live->holds));
	live->nr_holds = 0;
	for (i = 0; i < g->nr; i++) {
		const struct owner_rec *rec = ledger__owner(g->b->ledger, i);

		if (g->hold_of[i] == FOLD_NONE || !sums[g->hold_of[i]].pins)
			continue;
		h = &live->holds[live->nr_holds++];
		*h = (struct live_hold){
			.proc = g->proc_of[i], .site = g->site_of[i], .flags = rec->key.flags,
			.followed = ledger__is_followed(g->b->ledger, rec->key.tgid,
							rec->key.start_ns),
			.in_cgroup = is_in_cgroup(g, rec),
			.sum = xcalloc(1, sizeof(*h->sum)),
			.acquired = rec->acquired, .released = rec->released,
			.oldest_ns = g->owners[i].oldest_ns,
			.youngest_ns = g->owners[i].youngest_ns,
			.unmapped_bytes = unmapped[g->hold_of[i]],
		};
		*h->sum = sums[g->hold_of[i]];
	}
}

/* Sums are gathered in arrays of their own, one for each class. */
static void sum_up(struct building *g)
{
	size_t nr_procs = g->snap->nr_procs, i;
	struct pin_sum *procs = xcalloc(nr_procs, sizeof(*procs));
	struct pin_sum *sites = xcalloc(g->live->nr_sites, sizeof(*sites));
	struct pin_sum *drivers = xcalloc(g->live->nr_drivers, sizeof(*drivers));
	struct pin_sum *holds = xcalloc(g->live->nr_holds, sizeof(*holds));
	uint64_t *unmapped = xcalloc(g->live->nr_holds, sizeof(*unmapped));
	struct pin_sum all = {};
	const struct fold folds[] = {
		{ g->proc_of, procs, NULL }, { g->site_of, sites, NULL },
		{ g->driver_of, drivers, NULL }, { g->all_of, &all, NULL },
		{ g->hold_of, holds, unmapped },
	};

	ledger__fold(g->b->ledger, g->snap, g->scanned_ns, folds, g->b->wants.holds ? 5 : 4, g->owners,
		     g->nr);
	for (i = 0; i < nr_procs; i++)
		g->snap->procs[i].sum = procs[i];
	for (i = 0; i < g->live->nr_sites; i++)
		*g->live->sites[i].sum = sites[i];
	for (i = 0; i < g->live->nr_drivers; i++)
		*g->live->drivers[i].sum = drivers[i];
	g->snap->total = all;
	g->snap->machine = all;
	list_holds(g, holds, unmapped);
	free(procs);
	free(sites);
	free(drivers);
	free(holds);
	free(unmapped);
}

static void flow_all(struct building *g)
{
	struct live_builder *b = g->b;
	uint32_t i;

	for (i = 0; i < g->nr; i++) {
		const struct owner_rec rec = *ledger__owner(b->ledger, i);
		struct seen *seen = &b->seen[i], fresh = {};

		if (g->all_of[i] == FOLD_NONE)
			continue;
		/* The number may have been given to another owner since. */
		if (memcmp(&seen->key, &rec.key, sizeof(rec.key)))
			*seen = fresh;
		add_flow(&g->snap->procs[g->proc_of[i]].flow, &rec, seen, &g->owners[i], g->seconds);
		add_flow(&g->live->sites[g->site_of[i]].flow, &rec, seen, &g->owners[i], g->seconds);
		add_flow(&g->live->drivers[g->driver_of[i]].flow, &rec, seen, &g->owners[i],
			 g->seconds);
		*seen = (struct seen){ rec.key, rec.acquired, rec.released };
	}
}

/* --- who, in words ---------------------------------------------------------------------------- */

/* So much of one class belongs to one of another. */
struct share {
	uint32_t class, other;
	uint64_t pins;		/* held now, and in all */
	uint64_t acquired;
};

static int by_class(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->other < y->other ? -1 : x->other > y->other;
}

static int by_pins(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->pins != y->pins)
		return x->pins > y->pins ? -1 : 1;
	return x->acquired > y->acquired ? -1 : x->acquired < y->acquired;
}

/* One share for each pair of classes that an owner record joins, by class, the largest first. */
static size_t shares_of(const struct building *g, const uint32_t *class, const uint32_t *other,
			struct share **shares)
{
	size_t n = 0, i, k = 0;

	*shares = xcalloc(g->nr, sizeof(**shares));
	for (i = 0; i < g->nr; i++)
		if (class[i] != FOLD_NONE)
			(*shares)[n++] = (struct share){
				class[i], other[i], g->owners[i].pins,
				ledger__owner(g->b->ledger, i)->acquired,
			};
	if (!n)
		return 0;
	qsort(*shares, n, sizeof(**shares), by_class);
	for (i = 1; i < n; i++) {
		if (by_class(&(*shares)[k], &(*shares)[i])) {
			(*shares)[++k] = (*shares)[i];
		} else {
			(*shares)[k].pins += (*shares)[i].pins;
			(*shares)[k].acquired += (*shares)[i].acquired;
		}
	}
	qsort(*shares, k + 1, sizeof(**shares), by_pins);
	return k + 1;
}

static char *name_process(const struct building *g, const struct share *s)
{
	const struct snap_proc *p = &g->snap->procs[s->other];
	char comm[64];

	text_clean(p->comm, comm, sizeof(comm));
	if (!p->pid)
		return xasprintf("%s %llu", comm, (unsigned long long)s->pins);
	return xasprintf("%s[%d] %llu", comm, p->pid, (unsigned long long)s->pins);
}

/*
 * "qemu[812] 4711, vpp[900] 13, +2 more": pins. Of those that hold none now, the
 * one that had most, if nobody else holds any.
 */
static char *owners_text(const struct building *g, const struct share *s, size_t nr)
{
	char *one = name_process(g, s), *two, *text;

	while (nr > 1 && !s[nr - 1].pins)
		nr--;
	if (nr == 1)
		return one;
	two = name_process(g, s + 1);
	text = nr == 2 ? xasprintf("%s, %s", one, two) :
			 xasprintf("%s, %s, +%zu more", one, two, nr - 2);
	free(one);
	free(two);
	return text;
}

static char *drivers_text(const struct building *g, const struct share *s, size_t nr)
{
	char *text = xstrdup(""), *longer;
	size_t i;

	for (i = 0; i < nr; i++) {
		longer = xasprintf("%s%s%s", text, i ? ", " : "",
				   g->live->drivers[s[i].other].name);
		free(text);
		text = longer;
	}
	return text;
}

/* Calls @put for each class with its shares. */
static void each_class(const struct building *g, const uint32_t *class, const uint32_t *other,
		       void (*put)(const struct building *g, const struct share *s, size_t nr))
{
	struct share *shares;
	size_t nr = shares_of(g, class, other, &shares), i, end;

	for (i = 0; i < nr; i = end) {
		for (end = i; end < nr && shares[end].class == shares[i].class; end++)
			;
		put(g, &shares[i], end - i);
	}
	free(shares);
}

static void put_site_owners(const struct building *g, const struct share *s, size_t nr)
{
	g->live->sites[s->class].owners = owners_text(g, s, nr);
}

static void put_driver_owners(const struct building *g, const struct share *s, size_t nr)
{
	g->live->drivers[s->class].owners = owners_text(g, s, nr);
}

static void put_driver_sites(const struct building *g, const struct share *s, size_t nr)
{
	g->live->drivers[s->class].sites = nr;
}

static void put_process_drivers(const struct building *g, const struct share *s, size_t nr)
{
	g->snap->procs[s->class].drivers = drivers_text(g, s, nr);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void clear(struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->nr_procs; i++) {
		struct snap_proc *p = &snap->procs[i];

		memset(&p->sum, 0, sizeof(p->sum));
		memset(&p->flow, 0, sizeof(p->flow));
		free(p->drivers);
		p->drivers = NULL;
	}
	snap_live_free(snap->live);
	snap->live = xcalloc(1, sizeof(*snap->live));
}

static void fill_owners(struct live_site *sites, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!sites[i].owners)
			sites[i].owners = xstrdup("");
}

/* Anew, or where it counts: exactly. Else by what is cheap with ten thousand processes. */
static bool has_exited(const struct live_builder *b, const struct snap_proc *p, bool fresh)
{
	if (fresh || b->wants.holds)
		return !procinfo_lives(p->pid, p->start_ns) || procinfo_is_dead(p->pid);
	return kill(p->pid, 0) && errno == ESRCH;
}

void live_builder__fill(struct live_builder *b, struct snapshot *snap, double seconds)
{
	uint32_t nr = ledger__owners_used(b->ledger);
	struct building g = { .b = b, .snap = snap, .nr = nr, .seconds = seconds };
	bool fresh;
	size_t i;

	fresh = !snap->live;
	g.scanned_ns = fresh ? snap->taken_ns : snap->live->details_ns;
	clear(snap);
	g.live = snap->live;
	g.live->details_ns = g.scanned_ns;
	make_slots(&g);
	if (nr > b->nr_seen) {
		b->seen = xrealloc(b->seen, nr, sizeof(*b->seen));
		memset(b->seen + b->nr_seen, 0, (nr - b->nr_seen) * sizeof(*b->seen));
		b->nr_seen = nr;
	}
	g.proc_of = xcalloc(nr, sizeof(uint32_t));
	g.site_of = xcalloc(nr, sizeof(uint32_t));
	g.driver_of = xcalloc(nr, sizeof(uint32_t));
	g.all_of = xcalloc(nr, sizeof(uint32_t));
	g.hold_of = xcalloc(nr, sizeof(uint32_t));
	g.owners = xcalloc(nr, sizeof(*g.owners));
	classify(&g);
	sum_up(&g);
	flow_all(&g);
	each_class(&g, g.site_of, g.proc_of, put_site_owners);
	each_class(&g, g.driver_of, g.proc_of, put_driver_owners);
	each_class(&g, g.driver_of, g.site_of, put_driver_sites);
	each_class(&g, g.proc_of, g.driver_of, put_process_drivers);
	fill_owners(g.live->sites, g.live->nr_sites);
	for (i = 0; i < snap->nr_procs; i++) {
		struct snap_proc *p = &snap->procs[i];

		if (p->sum.pins && p->pid && !p->exited)
			p->exited = has_exited(b, p, fresh);
	}
	free(g.slots);
	free(g.proc_of);
	free(g.site_of);
	free(g.driver_of);
	free(g.all_of);
	free(g.hold_of);
	free(g.owners);
}

void snap_live_free(struct snap_live *live)
{
	size_t i;

	if (!live)
		return;
	/* The names of sites are the builder's. */
	for (i = 0; i < live->nr_sites; i++) {
		free(live->sites[i].sum);
		free(live->sites[i].owners);
	}
	for (i = 0; i < live->nr_drivers; i++) {
		free(live->drivers[i].name);
		free(live->drivers[i].sum);
		free(live->drivers[i].owners);
	}
	for (i = 0; i < live->nr_holds; i++)
		free(live->holds[i].sum);
	free(live->sites);
	free(live->drivers);
	free(live->holds);
	free(live->why_scan);
	free(live);
}
