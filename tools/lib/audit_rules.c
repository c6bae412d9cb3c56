// SPDX-License-Identifier: GPL-2.0
/* The names of the rules, what they say, and who breaks them on purpose. */
#include <fnmatch.h>
#include <string.h>

#include "audit.h"
#include "vec.h"

static const struct {
	const char *name, *text;
} rules[AUDIT_RULES] = {
	[AUDIT_LEAK] = { "leak",
		"A pin has to be released when what it was taken for ends. Reported are pins that are "
		"left two seconds after the process whose memory they hold has exited, when the file "
		"that they were asked for through has been closed as well; and, while the process "
		"lives, two seconds after nobody uses the module any more that took them through a "
		"file of its own. The pages have to carry them still. The memory is lost until the "
		"next boot." },
	[AUDIT_HOLD] = { "hold-without-longterm",
		"Who pins for longer than one I/O takes has to say FOLL_LONGTERM, so that the kernel "
		"can first move the pages out of where they must be movable (ZONE_MOVABLE, CMA), and "
		"refuse where the filesystem cannot bear it. Reported are pins without that flag which "
		"are held for longer than --audit-hold (5 seconds). Direct I/O and the like are left "
		"out: they take as long as the device or the server does." },
	[AUDIT_OVER_UNPIN] = { "over-unpin",
		"Each pin is released once. Released twice, a page that others still use can be freed "
		"under them. Reported are releases of pages that carry no pin, by their own reference "
		"count, and of pages whose pins have all been seen taken and released before. Both need "
		"that no call was lost, the latter also that the page was not pinned before the trace "
		"began." },
	[AUDIT_WRONG_RELEASE] = { "wrong-release",
		"What pin_user_pages() took is released by unpin_user_page() and what get_user_pages() "
		"took by put_page(); mixed up, the page's count is wrong for ever. Reported are pins "
		"that are held by all that was seen while the pages carry fewer (dropped by put_page(): "
		"of a small page 1023 references are left over, a large folio lacks references), and "
		"unpinned pages that nobody was seen to pin (got by get_user_pages())." },
	[AUDIT_MOVABLE] = { "longterm-in-movable",
		"A long-term pin must not lie in ZONE_MOVABLE or CMA memory: that cannot be taken "
		"offline or given to its device any more. pin_user_pages() moves the pages out first. "
		"Reported are pins with FOLL_LONGTERM whose pages lie there." },
	[AUDIT_NOT_DIRTIED] = { "write-not-dirtied",
		"Pages that a device may have written to have to be marked dirty when they are released "
		"(unpin_user_pages_dirty_lock(), or set_page_dirty_lock() before), or what was written "
		"gets lost. Reported are pages of files that were pinned with FOLL_WRITE and are neither "
		"dirty nor being written back when a function releases them that does not mark them." },
	[AUDIT_UNACCOUNTED] = { "unaccounted",
		"Memory that a process has pinned for long cannot be reclaimed, so it has to count "
		"against a limit (RLIMIT_MEMLOCK), or any user can pin all there is. Reported are "
		"long-term pins of a process, one second after they were taken, as far as they exceed "
		"VmPin and VmLck of the process, the locked_vm of its user and what other processes "
		"may be charged for it. Drivers that are known to charge nobody are only named." },
	[AUDIT_FAILED_LEFT] = { "failed-call-left-pins",
		"A pin call that fails has to leave nothing pinned: its caller cannot know what to "
		"release. (Linux 6.11 broke that; GPU drivers that tried again and again lost gigabytes.) "
		"Reported are pins that lie where a call has failed, belong to no call that was seen, "
		"were not there when the trace began, and are found three times within three seconds." },
	[AUDIT_PARTIAL] = { "partial-not-undone",
		"A pin call may give fewer pages than it was asked for. Who cannot use the part has to "
		"release it. Reported are such parts that are still held a second after the system call "
		"which asked for them has returned an error." },
};

const char *audit_rule_name(enum audit_rule rule)
{
	return rules[rule].name;
}

const char *audit_rule_text(enum audit_rule rule)
{
	return rules[rule].text;
}

static uint32_t rule_of(const char *name)
{
	int i;

	for (i = 0; i < AUDIT_RULES; i++)
		if (!strcmp(rules[i].name, name))
			return AUDIT_BIT(i);
	return 0;
}

uint32_t audit_rules_parse(const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *name;
	uint32_t all = 0, one = 1;

	while (one && (name = strsep(&rest, ","))) {
		one = rule_of(name);
		all |= one;
	}
	free(copy);
	return one ? all : 0;
}

/* --- who breaks them on purpose --------------------------------------------------------------- */

/* Patterns of fnmatch(3), against the members of struct site_name. */
static const struct {
	enum audit_rule rule;
	const char *driver, *function;
	bool if_capable;
	const char *why;
} known[] = {
	{ AUDIT_HOLD, "direct-io", "*", false, "its pins last as long as the device takes" },
	{ AUDIT_HOLD, "process_vm", "*", false, "its pins last as long as the copying" },
	{ AUDIT_HOLD, "*", "*zerocopy*", false, "its pins last until the peer has the data" },
	{ AUDIT_HOLD, "nvme", "*", false, "its pins last as long as the device takes" },
	{ AUDIT_HOLD, "sg_io", "*", false, "its pins last as long as the device takes" },
	{ AUDIT_HOLD, "af_alg", "*", false, "its pins last as long as the request" },
	{ AUDIT_LEAK, "*", "*zerocopy*", false, "its pins last until the peer has the data" },
	{ AUDIT_LEAK, "udmabuf", "*", false, "its pins last as long as the buffer it made, "
					     "which other processes may hold" },
	/* Kernel 7.3: none of these touches pinned_vm or locked_vm. */
	{ AUDIT_UNACCOUNTED, "acrn", "*", false, "it charges guests' memory to nobody" },
	{ AUDIT_UNACCOUNTED, "af_xdp", "*", true, "it charges nobody who has CAP_IPC_LOCK" },
	{ AUDIT_UNACCOUNTED, "bpf", "*", false, "it charges nobody for user memory in maps" },
	{ AUDIT_UNACCOUNTED, "etnaviv", "*", false, "it charges userptr objects to nobody" },
	{ AUDIT_UNACCOUNTED, "exynos", "*", false, "it has a limit of its own" },
	{ AUDIT_UNACCOUNTED, "genwqe_card", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "gup_test", "*", false, "it is a test" },
	{ AUDIT_UNACCOUNTED, "habanalabs", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "intel_vpu", "*", false, "it charges userptr objects to nobody" },
	{ AUDIT_UNACCOUNTED, "io_uring", "*pbuf*", false, "it charges provided rings to nobody" },
	{ AUDIT_UNACCOUNTED, "io_uring", "*_create", false, "it charges provided rings to nobody" },
	{ AUDIT_UNACCOUNTED, "io_uring", "*_scq_*", false, "it charges provided rings to nobody" },
	{ AUDIT_UNACCOUNTED, "io_uring", "*_setup", false, "it charges provided rings to nobody" },
	{ AUDIT_UNACCOUNTED, "io_uring", "*", true, "it charges nobody who has CAP_IPC_LOCK" },
	{ AUDIT_UNACCOUNTED, "kvm", "*", false, "SEV guests have a count of their own" },
	{ AUDIT_UNACCOUNTED, "memfd_luo", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "mshv", "*", false, "it charges guests' memory to nobody" },
	{ AUDIT_UNACCOUNTED, "nvidia*", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "rdma", "mthca_*", false, "it charges doorbell pages to nobody" },
	{ AUDIT_UNACCOUNTED, "rds", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "rio_mport_cdev", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "tee", "*", false, "it charges nobody for shared memory" },
	{ AUDIT_UNACCOUNTED, "udmabuf", "*", false, "it has a limit of its own (size_limit_mb)" },
	{ AUDIT_UNACCOUNTED, "ublk", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "v4l2", "*", false, "it charges USERPTR buffers to nobody" },
	{ AUDIT_UNACCOUNTED, "vmwgfx", "*", false, "it charges nobody" },
	{ AUDIT_UNACCOUNTED, "xilinx_sdfec", "*", false, "it charges nobody" },
};

const char *audit_known(enum audit_rule rule, const struct site_name *site, bool capable)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].rule == rule && (capable || !known[i].if_capable) &&
		    !fnmatch(known[i].driver, site->driver, 0) &&
		    !fnmatch(known[i].function, site->function, 0))
			return known[i].why;
	return NULL;
}
