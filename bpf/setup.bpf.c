// SPDX-License-Identifier: GPL-2.0
/* What user space must know of the running kernel before the first scan. */
#include "kernel_types.h"
#include "scan.h"

char LICENSE[] SEC("license") = "GPL";

/* struct page of the first page in a file's page cache, of the file open as @fd. */
static __always_inline __u64 first_folio(__s32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file **fds = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), fds + fd);
	/* A single entry at index 0 stands in the root itself (lib/xarray.c). */
	return (__u64)BPF_CORE_READ(file, f_mapping, i_pages.xa_head);
}

#define NUMBER(type, name) (ENUM_EXISTS(type, name) ? (__s32)ENUM(type, name) : -1)

/*
 * The memory-section table, if it is the one that user space takes it for: a
 * section's section_mem_map is, apart from flag bits, the address of the
 * struct page of PFN 0 (sparse_encode_mem_map(), mm/sparse.c).
 */
static __noinline __u64 find_sections(__u64 vmemmap, __u64 pfn, __u32 shift, __u32 page_size)
{
	const char symbol[] = "mem_section";
	__u64 addr = 0, table = 0, root = 0, map = 0;
	__u32 size = bpf_core_type_size(struct mem_section);
	__u64 section = pfn >> (shift & 63), per_root = page_size / size;

	if (!per_root || bpf_kallsyms_lookup_name(symbol, sizeof(symbol), 0, &addr) || !addr)
		return 0;
	bpf_probe_read_kernel(&table, sizeof(table), (void *)addr);
	bpf_probe_read_kernel(&root, sizeof(root), (void *)(table + section / per_root * 8));
	bpf_probe_read_kernel(&map, sizeof(map),
			      (void *)(root + section % per_root * size +
				       bpf_core_field_offset(struct mem_section,
							     section_mem_map)));
	return (map & ~63ULL) == (vmemmap & ~63ULL) ? table : 0;
}

SEC("syscall")
int scan_setup(struct scan_setup *s)
{
	__s32 memfd = s->memfd;
	__u64 folio = first_folio(memfd);

	s->page_sizeof = PAGE_SIZEOF;
	s->max_numnodes = max_numnodes();
	s->folio = folio;
	s->mem_section = find_sections(folio - s->memfd_pfn * PAGE_SIZEOF, s->memfd_pfn,
				       s->section_shift, s->page_size);
	s->zone_dma = NUMBER(zone_type, ZONE_DMA);
	s->zone_dma32 = NUMBER(zone_type, ZONE_DMA32);
	s->zone_normal = NUMBER(zone_type, ZONE_NORMAL);
	s->zone_movable = NUMBER(zone_type, ZONE_MOVABLE);
	s->zone_device = NUMBER(zone_type, ZONE_DEVICE);
	s->mt_unmovable = NUMBER(migratetype, MIGRATE_UNMOVABLE);
	s->mt_movable = NUMBER(migratetype, MIGRATE_MOVABLE);
	s->mt_reclaimable = NUMBER(migratetype, MIGRATE_RECLAIMABLE);
	s->mt_highatomic = NUMBER(migratetype, MIGRATE_HIGHATOMIC);
	s->mt_cma = NUMBER(migratetype, MIGRATE_CMA);
	s->mt_isolate = NUMBER(migratetype, MIGRATE_ISOLATE);
	return 0;
}
