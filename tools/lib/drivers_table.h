/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the functions and modules in the stack of a pin call say about it. All
 * patterns are those of fnmatch(3), against the names of function_of(). Checked
 * against the callers of the kernels 6.1, 6.12 and 7.3.
 */
#ifndef PINSCOPE_DRIVERS_TABLE_H
#define PINSCOPE_DRIVERS_TABLE_H

/* Functions that pin or unpin for others. They say nothing about who. */
static const char *const machinery[] = {
	/* mm/gup.c */
	"__get_user_pages*", "__gup_longterm_*", "__unpin_*", "check_and_migrate_*",
	"folio_add_pin", "folio_add_pins", "get_user_pages*", "gup_fast*", "gup_put_folio",
	"internal_get_user_pages_fast", "lockless_pages_from_mm", "memfd_pin_folios",
	"migrate_longterm_*", "pin_user_pages*", "pofs_unpin", "try_grab_*", "undo_dev_pagemap",
	"unpin_folio", "unpin_folios", "unpin_user_*",

	/* lib/iov_iter.c, lib/scatterlist.c */
	"extract_iter_to_sg", "extract_user_to_sg", "iov_iter_extract_*", "iov_iter_get_pages*",

	/* block/: bios and requests over user memory */
	"*bio_iov_iter_*", "*bio_release_pages", "bio_integrity_map_*", "bio_integrity_unmap_*",
	"bio_map_user_iov", "bio_unmap_user", "blk_rq_integrity_map_user", "blk_rq_map_user*",
	"blk_rq_unmap_user",

	/* Shared by V4L2 and DRM, VFIO and IOMMUFD (mm_iommu_: powerpc); of netfs, udmabuf */
	"frame_vector_*", "get_vaddr_frames", "iova_bitmap_*", "mm_iommu_*",
	"netfs_extract_user_iter", "put_vaddr_frames", "unpin_all_folios", "vb2_create_framevec",
	"vb2_destroy_framevec",

	/* How BPF programs are run; the programs themselves are in module "bpf" */
	"__bpf_get_stack*", "__bpf_get_task_stack*", "__bpf_prog_enter*", "__bpf_prog_exit*",
	"__bpf_trace_*", "__traceiter_*", "arch_stack_walk*", "bpf_get_stack*",
	"bpf_get_task_stack*", "bpf_loop", "bpf_trace_run*", "bpf_trampoline_*",
	"get_callchain_entry*",
	"perf_trace_*", "stack_trace_save*", "trace_call_bpf", "trace_event_raw_event_*",

	/* ftrace, fprobes, kprobes and kretprobes: kernel/trace/, kernel/kprobes.c, arch/ */
	"__kretprobe_*", "aggr_post_handler", "aggr_pre_handler", "arch_ftrace_*",
	"arch_rethook_*", "asm_exc_int3", "do_int3", "exc_int3", "fprobe_*", "ftrace_*",
	"kprobe_*", "kretprobe_*", "optimized_callback", "opt_pre_handler", "pre_handler_kretprobe",
	"rethook_*", "return_to_handler", "trampoline_handler",

	/*
	 * Where every stack begins: no driver. Reached when the caller jumped to the function
	 * that unpins instead of calling it, and so has no frame.
	 */
	"__do_softirq", "do_syscall_64", "el0*", "entry_SYSCALL*", "handle_softirqs",
	"invoke_syscall", "kthread", "process_one_work", "ret_from_fork*", "task_work_run",
	"worker_thread", "x64_sys_call",
};

enum row_kind {
	PLAIN,	/* the caller */
	OWN,	/* the caller; its module is the detail */
	FS,	/* the caller; the filesystem it belongs to is the detail */
	LAYER,	/* works for others: who uses it, further up, is the caller and the detail */
	END,	/* names the driver; what stands further up has nothing to do with it */
};

/*
 * Sorted by driver; within one the first row that fits counts. Module "" is the
 * kernel itself. A module whose name is the best name there is needs no row.
 */
static const struct row {
	const char *driver;
	const char *function;
	const char *module;
	enum row_kind kind;
} rows[] = {
	{ "acrn", "acrn_*", "", PLAIN },
	{ "af_alg", "*", "algif_*", OWN },
	{ "af_alg", "af_alg_*", "", PLAIN },
	{ "af_alg", "hash_sendmsg", "", PLAIN },
	{ "af_xdp", "xdp_umem_*", "", PLAIN },
	{ "af_xdp", "xsk_*", "", PLAIN },
	{ "amdxdna", "amdxdna_*", "", PLAIN },
	/* bpf_obj_pin_uptrs(): user memory in the values of task storage, v6.13 */
	{ "bpf", "bpf_*", "", PLAIN },
	{ "dfl_afu", "afu_dma_*", "", PLAIN },
	/* The disk driver that completes the I/O stands above: it did not pin. */
	{ "direct-io", "bio_check_pages_dirty", "", END },
	{ "direct-io", "bio_complete_*", "", END },
	{ "direct-io", "bio_dirty_fn", "", END },
	{ "direct-io", "bio_endio", "", END },
	{ "direct-io", "blk_mq_end_request*", "", END },
	{ "direct-io", "blk_update_request", "", END },
	{ "direct-io", "*blkdev_bio_end_io*", "", LAYER },
	{ "direct-io", "*blkdev_direct_*", "", LAYER },
	{ "direct-io", "*iomap_dio_*", "", LAYER },
	/* fs/direct-io.c: what is not yet iomap */
	{ "direct-io", "__blockdev_direct_IO", "", LAYER },
	{ "direct-io", "dio_*", "", LAYER },
	{ "direct-io", "do_blockdev_direct_IO", "", LAYER },
	{ "direct-io", "do_direct_IO", "", LAYER },
	{ "direct-io", "submit_page_section", "", LAYER },
	/* 9p, afs, ceph, cifs; only unbuffered I/O has user memory. 9p may jump here: no frame. */
	{ "direct-io", "netfs_*", "*", LAYER },
	{ "direct-io", "*_dio_*", "*", FS },
	{ "direct-io", "*_direct_IO*", "*", FS },
	{ "direct-io", "blkdev_*_iter", "", FS },
	{ "direct-io", "fuse_*", "*", FS },
	{ "etnaviv", "etnaviv_*", "*", PLAIN },
	{ "exynos", "g2d_*", "*", PLAIN },
	{ "genwqe_card", "genwqe_*", "", PLAIN },
	{ "goldfish_pipe", "goldfish_*", "", PLAIN },
	{ "gup_test", "*gup_test*", "", PLAIN },
	{ "gup_test", "pin_longterm_test_*", "", PLAIN },
	{ "i915", "i915_*", "", PLAIN },
	{ "intel_vpu", "ivpu_*", "", PLAIN },
	{ "io_uring", "__io_uaddr_map", "", LAYER },
	{ "io_uring", "io_create_region*", "", LAYER },
	{ "io_uring", "io_free_region", "", LAYER },
	{ "io_uring", "io_pages_free", "", LAYER },
	{ "io_uring", "io_pin_pages", "", LAYER },
	{ "io_uring", "__io_*", "", PLAIN },
	{ "io_uring", "io_*", "", PLAIN },
	{ "io_uring", "sys_io_uring_*", "", PLAIN },
	/* iommufd_driver holds what its users share with it */
	{ "iommufd", "*", "iommufd*", PLAIN },
	{ "iommufd", "iommufd_*", "", PLAIN },
	{ "iommufd", "iopt_*", "", PLAIN },
	{ "iommufd", "pfn_reader_*", "", PLAIN },
	{ "iommufd", "batch_from_folios", "", PLAIN },
	{ "iommufd", "pin_memfd_pages", "", PLAIN },
	{ "kvm", "sev_pin_*", "*", LAYER },
	{ "kvm", "*", "kvm", LAYER },
	{ "kvm", "*", "kvm_*", OWN },
	{ "kvm", "__kvm_*", "", PLAIN },
	{ "kvm", "hva_to_pfn*", "", PLAIN },
	{ "kvm", "kvm_*", "", PLAIN },
	{ "kvm", "pkvm_*", "", PLAIN },
	{ "kvm", "sev_*", "", PLAIN },
	/* Pages that outlive a kexec: mm/memfd_luo.c */
	{ "memfd_luo", "memfd_luo_*", "", PLAIN },
	{ "mshv", "mshv_*", "*", PLAIN },
	{ "nvidia", "*", "nv_peer_mem", OWN },
	{ "nvidia", "*", "nvidia_*", OWN },
	{ "nvme", "*", "nvme_core", PLAIN },
	{ "nvme", "nvme_*", "", PLAIN },
	{ "oradax", "dax_lock_page*", "", PLAIN },
	{ "oradax", "dax_unlock_*", "", PLAIN },
	{ "orangefs", "orangefs_*", "", PLAIN },
	{ "process_vm", "process_vm_*", "", PLAIN },
	{ "process_vm", "sys_process_vm_*", "", PLAIN },
	{ "pvr2fb", "pvr2fb_*", "", PLAIN },
	{ "rdma", "*ib_umem_*", "*", LAYER },
	{ "rdma", "*", "ib_core", LAYER },
	{ "rdma", "*", "ib_uverbs*", LAYER },
	/* These pin by themselves, for their own character devices or registration of memory. */
	{ "rdma", "*", "hfi1", OWN },
	{ "rdma", "*", "ib_mthca", OWN },
	{ "rdma", "*", "ib_qib", OWN },
	{ "rdma", "*", "siw", OWN },
	{ "rdma", "*", "usnic_verbs", OWN },
	{ "rdma", "hfi1_*", "", PLAIN },
	{ "rdma", "mthca_*", "", PLAIN },
	{ "rdma", "qib_*", "", PLAIN },
	{ "rdma", "siw_*", "", PLAIN },
	{ "rdma", "usnic_*", "", PLAIN },
	{ "rds", "rds_*", "", PLAIN },
	{ "rio_mport_cdev", "rio_dma_*", "", PLAIN },
	{ "sg_io", "*", "scsi_mod", PLAIN },
	{ "sg_io", "*", "sg", OWN },
	{ "sg_io", "scsi_*", "", PLAIN },
	{ "sg_io", "sg_*", "", PLAIN },
	{ "st", "sgl_map_user_pages", "", PLAIN },
	{ "st", "sgl_unmap_user_pages", "", PLAIN },
	{ "st", "st_*", "", PLAIN },
	{ "tee", "register_shm_*", "", PLAIN },
	{ "tee", "tee_*", "", PLAIN },
	{ "ublk", "*", "ublk_drv", PLAIN },
	{ "ublk", "ublk_*", "", PLAIN },
	{ "udmabuf", "*udmabuf*", "*", PLAIN },
	/* User memory that the kernel sets a bit in while someone traces an event. */
	{ "user_events", "user_event*", "", PLAIN },
	{ "v4l2", "*", "videobuf2_*", LAYER },
	{ "v4l2", "*", "videobuf_*", LAYER },
	{ "v4l2", "*", "videodev", LAYER },
	{ "v4l2", "*", "ivtv", OWN },
	{ "v4l2", "v4l*", "", PLAIN },
	{ "v4l2", "vb2_*", "", PLAIN },
	{ "v4l2", "ivtv_*", "", PLAIN },
	{ "v4l2", "videobuf_*", "", PLAIN },
	{ "vchiq", "create_pagelist", "*", PLAIN },
	{ "vchiq", "free_pagelist", "*", PLAIN },
	{ "vduse", "vduse_*", "", PLAIN },
	{ "vfio", "*", "vfio", LAYER },
	{ "vfio", "*", "vfio_iommu_*", LAYER },
	{ "vfio", "*", "*_vfio_pci", OWN },
	{ "vfio", "*", "vfio_*", OWN },
	{ "vfio", "vaddr_get_pfns", "", PLAIN },
	{ "vfio", "vfio_*", "", PLAIN },
	{ "vfio", "tce_iommu_*", "", PLAIN },
	{ "vhost", "*", "vhost", LAYER },
	{ "vhost", "vhost_*", "", PLAIN },
	{ "vmwgfx", "vmw_*", "", PLAIN },
	{ "xen_gntdev", "gntdev_*", "", PLAIN },
	{ "xen_privcmd", "lock_pages", "", PLAIN },
	{ "xen_privcmd", "privcmd_*", "", PLAIN },
	{ "xilinx_sdfec", "xsdfec_*", "", PLAIN },
};

/* Names of a system call's entry, by architecture and by how it is defined. */
static const char *const syscall_prefixes[] = {
	"__arm64_compat_sys_", "__arm64_sys_", "__do_compat_sys_", "__do_sys_",
	"__ia32_compat_sys_", "__ia32_sys_", "__s390x_sys_", "__se_compat_sys_",
	"__se_sys_", "__x64_sys_",
};

#endif
