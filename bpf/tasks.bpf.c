// SPDX-License-Identifier: GPL-2.0
/*
 * Lists every task that has memory, with its mm's flags: whoever has ever
 * pinned carries MMF_HAS_PINNED, and finding those takes microseconds, where
 * opening /proc for each process takes seconds.
 */
#include "kernel_types.h"
#include "scan.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define PF_KTHREAD 0x00200000
#define PIDTYPE_TGID 1		/* enum pid_type, since 6883f81aac6f (v4.19) */

static __always_inline __s32 pid_at(struct pid *pid, __u32 level)
{
	__s32 nr = 0;

	if (BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_core_read(&nr, sizeof(nr),
		      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			      level * bpf_core_type_size(struct upid) +
			      bpf_core_field_offset(struct upid, nr));
	return nr;
}

SEC("iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *reader = (void *)bpf_get_current_task();
	struct task_struct *task = ctx->task;
	struct task_rec rec = {};
	struct mm_struct *mm;
	__u32 level;

	if (!task || BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return 0;
	mm = BPF_CORE_READ(task, mm);
	if (!mm)
		return 0;

	level = BPF_CORE_READ(reader, thread_pid, level);
	rec.mm = (__u64)mm;
	rec.mm_flags = mm_flags(mm);
	rec.start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	rec.files = (__u64)BPF_CORE_READ(task, files);
	rec.tid = pid_at(BPF_CORE_READ(task, thread_pid), level);
	rec.tgid = pid_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]), level);
	BPF_CORE_READ_STR_INTO(&rec.comm, task, group_leader, comm);
	bpf_seq_write(ctx->meta->seq, &rec, sizeof(rec));
	return 0;
}
