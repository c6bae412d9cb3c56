/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pinsim: takes pins on purpose and says what it took.
 *
 * A subsystem is a row in a table of its file. A scenario is a subsystem and a kind of memory
 * (mem.c): scenarios.c crosses them. Most subsystems are something that pins memory (struct pinner)
 * and one of two lives: held (hold.c: take, say so, hold, give back, say so) or fast (fast.c: calls
 * that pin and unpin within, counted).
 */
#ifndef PINSIM_SIM_H
#define PINSIM_SIM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EXIT_CANNOT	77	/* "cannot be had here": the number test runners skip on */
#define UNKNOWN		LLONG_MIN	/* not to be known on this machine: null in JSON */

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)

/* The options a scenario understands; all of them know those with no bit. */
enum {
	OPT_SIZE	= 1 << 0,	/* --pages, --size */
	OPT_UNMAP	= 1 << 1,
	OPT_MEMFD	= 1 << 2,	/* --close, --name, --share, --map-only */
	OPT_PASS	= 1 << 3,
	OPT_THREAD	= 1 << 4,
	OPT_PROCS	= 1 << 5,
	OPT_THREADS	= 1 << 6,
	OPT_FILE	= 1 << 7,
	OPT_HUGE	= 1 << 8,	/* --reserve-hugepages */
	OPT_ABORT	= 1 << 9,	/* --abort, --die-after */
	OPT_FORK	= 1 << 10,
	OPT_RELEASE	= 1 << 11,
	OPT_TIMES	= 1 << 12,
	OPT_NEEDS_FILE	= 1 << 13,	/* no option: --file must be given */
	OPT_MIX		= 1 << 14,	/* no option: goes into "mixed" */
};

/* What every held one understands whose pins are held by one file (sim.pin_fd). */
#define OPTS_HELD	(OPT_SIZE | OPT_UNMAP | OPT_MEMFD | OPT_THREAD | OPT_FORK | OPT_RELEASE | \
			 OPT_HUGE | OPT_ABORT | OPT_TIMES)
#define OPTS_FAST	(OPT_SIZE | OPT_HUGE | OPT_TIMES)

enum release {
	RELEASE_UNREGISTER,	/* as its interface has it */
	RELEASE_CLOSE,
	RELEASE_EXIT,		/* leave it to the kernel */
};

struct opts {
	size_t		size;
	size_t		pages;
	double		hold;		/* seconds; negative: until a signal */
	double		die_after;	/* seconds; negative: no */
	bool		hold_until_eof;
	bool		unmap;
	bool		close_memfd;
	bool		pass_ring;
	bool		thread;
	bool		reserve;
	bool		start_at_eof;
	bool		quiet;
	enum release	release;
	int		share;
	int		forks;
	int		map_only;
	int		procs;
	int		threads;
	long		times;		/* 0: not said */
	const char	*name;
	const char	*file;
	const char	*dir;
};

enum mem_kind {
	MEM_NONE,
	MEM_ANON,
	MEM_THP,
	MEM_PARTIAL_THP,
	MEM_MEMFD,
	MEM_HUGETLB,
	MEM_MEMFD_HUGETLB,
	MEM_FILE,
	MEM_MTHP,
	MEM_BPF_MAP,
	NR_MEM_KINDS,
};

/* Sets of kinds. */
#define KIND(k)		(1U << MEM_##k)
#define KINDS_HUGE	(KIND(THP) | KIND(HUGETLB) | KIND(MEMFD_HUGETLB))
#define KINDS_MEMFD	(KIND(MEMFD) | KIND(MEMFD_HUGETLB))
#define KINDS_HUGETLB	(KIND(HUGETLB) | KIND(MEMFD_HUGETLB))
/* What may be pinned for long, and what only for a short time. */
#define KINDS_LONG	(KIND(ANON) | KIND(PARTIAL_THP) | KIND(MEMFD) | KINDS_HUGE)
#define KINDS_SHORT	(KINDS_LONG | KIND(FILE))
/* A driver's own pages, mapped: io_uring takes no such file before 6.5. */
#define KINDS_DRIVER	KIND(BPF_MAP)

struct mem {
	enum mem_kind	kind;
	int		fd;		/* memfd, or -1 */
	void		*map;		/* the mapping ... */
	size_t		map_len;
	char		*addr;		/* ... and the part of it to pin */
	size_t		len;
	size_t		unit;		/* bytes of one page of this kind */
};

/* Where the pages really are, from /proc/self/pagemap and /proc/kpageflags. */
struct layout {
	bool		known;
	size_t		pages;
	uint64_t	*pfn;
	uint64_t	*head;		/* first PFN of the page's folio */
	uint32_t	*nr;		/* pages of the page's folio */
	uint64_t	flags_all;	/* page flags that every folio has */
	uint64_t	folios;		/* distinct ones */
	uint64_t	bytes;		/* of all distinct folios */
	uint64_t	folio_bytes;	/* 0: not all of one size */
};

#define MAX_MODELS	4

/* How a kernel counts one call, if nothing has to be tried twice. Held is what is not released. */
struct model {
	long long	acquired, released;
};

/*
 * What was taken, in memory shared with the children: with --pass-ring a child fills it in.
 * A subsystem counts its pins in one of few ways, depending on the kernel ("one per page", "one
 * per folio"). models[] says what each way makes of the real layout. Where the kernel does not say
 * which is its own, the counters do.
 */
struct outcome {
	_Atomic bool	taken;		/* by the first one */
	pid_t		owner;		/* whose memory it is */
	pid_t		pid, tgid;
	uintptr_t	address;
	size_t		length;
	bool		known;
	uint64_t	folios, bytes, folio_bytes;
	int		nr_models;
	struct model	models[MAX_MODELS];
	struct model	call;		/* the one that fits; UNKNOWN if none is known */
	long long	calls;		/* so many of them were made */
	struct model	total;		/* of all calls, and of giving back all but the held ones */
	struct model	seen;		/* the same by the kernel's counters */
	long long	expected, observed;
	long long	drift;		/* what the counters are wrong by, all calls together */
	char		passed_by[16];
	/*
	 * CLOCK_MONOTONIC, of the held ones: around what takes the pins, and before what gives them
	 * back. 0: not known.
	 */
	long long	began_ns, taken_ns, dropping_ns;
};

struct pincount {
	bool		ok;
	long long	acquired, released;
};

struct batch {
	int	nr;
	int	pipe[2];
	pid_t	*pids;
};

struct sim;

/*
 * Something that pins s->mem. setup() gets what it needs, before there is memory and pins are
 * counted. A held one has take() and drop(), a fast one call(). models() fills in MAX_MODELS at
 * most.
 */
struct pinner {
	void		(*setup)(struct sim *s);
	void		(*prepare)(struct sim *s);	/* has memory; not counted */
	void		(*take)(struct sim *s);
	void		(*drop)(struct sim *s);		/* pins and what holds them */
	void		(*call)(struct sim *s);
	void		(*cleanup)(struct sim *s);	/* at the end, of setup() and calls */
	int		(*models)(const struct sim *s, const struct layout *l, struct model *m);
	const char	*driver;	/* as a tool should call who pins */
	bool		longterm;	/* taken with FOLL_LONGTERM */
	bool		remote;		/* the memory is to be another process's */
	bool		undoes;		/* the kernel releases some inside the pin call */
	int		failed, partial;	/* pin calls per call() that give nothing, or too little */
};

struct subsystem {
	const char		*name;
	const char		*help;
	int			(*run)(struct sim *s);
	unsigned int		allows;		/* OPT_*, less what the memory has no use for */
	unsigned int		kinds;		/* of memory to cross it with; none: .mem */
	size_t			pages;		/* small ones, by default: a prime number */
	size_t			limit;		/* small pages it can take at once, or 0 */
	const struct pinner	*pinner;
	enum mem_kind		mem;
};

#define NAME_MAX_LEN	48

struct scenario {
	const struct subsystem	*sub;
	const struct pinner	*pinner;
	enum mem_kind		mem;
	unsigned int		allows;
	char			name[NAME_MAX_LEN];
};

struct sim {
	struct scenario		sc;
	struct opts		o;
	pid_t			main_tgid;
	int			sigfd;
	struct mem		mem;
	int			pin_fd;		/* what holds the pins, or -1 */
	struct pincount		before;
	struct {
		long long	calls;
		struct model	seen;
	} repeated;				/* before the one that is held */
	struct outcome		*out;
	struct batch		sharers, mappers, forked;
	pid_t			holder;		/* the only one left after --pass-ring, or 0 */
};

/* uring.c, xdp.c: for those that pin in other ways as well */
extern const struct pinner uring_pinner;
extern const struct pinner xdp_pinner;

/* One table per file, ended by an empty row. */
extern const struct subsystem alg_subsystems[];
extern const struct subsystem busy_subsystems[];
extern const struct subsystem clone_subsystems[];
extern const struct subsystem controls_subsystems[];
extern const struct subsystem crowd_subsystems[];
extern const struct subsystem dio_subsystems[];
extern const struct subsystem files_subsystems[];
extern const struct subsystem fuse_subsystems[];
extern const struct subsystem grow_subsystems[];
extern const struct subsystem mixed_subsystems[];
extern const struct subsystem orangefs_subsystems[];
extern const struct subsystem owners_subsystems[];
extern const struct subsystem passthrough_subsystems[];
extern const struct subsystem pingpong_subsystems[];
extern const struct subsystem pipes_subsystems[];
extern const struct subsystem pvm_subsystems[];
extern const struct subsystem rdma_subsystems[];
extern const struct subsystem rds_subsystems[];
extern const struct subsystem refused_subsystems[];
extern const struct subsystem rings_subsystems[];
extern const struct subsystem slow_subsystems[];
extern const struct subsystem storm_subsystems[];
extern const struct subsystem twice_subsystems[];
extern const struct subsystem udmabuf_subsystems[];
extern const struct subsystem uring_subsystems[];
extern const struct subsystem v4l2_subsystems[];
extern const struct subsystem vduse_subsystems[];
extern const struct subsystem vfio_subsystems[];
extern const struct subsystem vhost_subsystems[];
extern const struct subsystem xdp_subsystems[];

/* pinsim.c */
void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void cannot(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void note(const struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* options.c */
void options_parse(struct sim *s, int argc, char **argv);

/* scenarios.c */
bool scenario_next(struct scenario *sc);
bool scenario_find(struct scenario *sc, const char *name);
void scenario_list(void);

/* mem.c */
extern const struct mem_words {
	const char	*suffix;	/* of a scenario's name */
	const char	*kind;		/* in the report */
	const char	*help;
} mem_words[NR_MEM_KINDS];
size_t page_size(void);
void mem_reserve(struct sim *s);
int mem_new_file(const char *dir, char path[PATH_MAX]);
void mem_get(struct sim *s);
void mem_check(const struct sim *s, const struct layout *l);
void mem_unmap(struct sim *s);
void mem_close(struct sim *s);
void mem_touch(const struct sim *s);

/* mthp.c */
size_t mthp_unit(void);
void mthp_fill(const struct mem *m);

/* hugepages.c */
long meminfo(const char *name);
void hugepages_reserve(struct sim *s, long n);
void hugepages_put_back(void);
void hugepages_want(long n);

/* layout.c */
void layout_read(struct layout *l, const void *addr, size_t len);
void layout_free(struct layout *l);
long long layout_mapcount(const void *addr);

/* counters.c */
void pins_among_others(void);
struct pincount pins_read(void);
struct pincount pins_settled(void);
long long pins_since(const struct pincount *before);
long long pins_wait(const struct pincount *before, long long wanted, int ms);

/* child.c: every child dies with the process (the thread, even) that started it */
void batch_start(struct sim *s, struct batch *b, int nr,
		 void (*body)(struct sim *s, struct batch *b));
pid_t batch_fork(struct sim *s);
void batch_ready(struct batch *b);
void batch_wait(struct batch *b);
void batch_kill(struct batch *b);
void sleep_for_ever(void) __attribute__((noreturn));

/* kernel.c */
bool kernel_has(const char *function);
long file_number(const char *path);

/* outcome.c */
void outcome_record(struct sim *s);
void outcome_judge(struct sim *s, long long calls);
void outcome_total(struct sim *s);
int model_per_page(const struct sim *s, const struct layout *l, struct model *models);
int model_passing(const struct sim *s, const struct layout *l, struct model *models);
int model_passing_extracted(const struct sim *s, const struct layout *l, struct model *models);
int model_held_extracted(const struct sim *s, const struct layout *l, struct model *models);

/* hold.c */
int hold_run(struct sim *s);
void hold_take(struct sim *s);

/* fast.c */
int fast_run(struct sim *s);
void fast_remote_memory(struct sim *s, struct batch *owner);

/* rdma.c: an rxe device of our own on the loopback device */
#define RDMA_DEVICE	"pinsim0"
void rdma_add_link(void);

/* pass.c */
void pass_take(struct sim *s);
void pass_drop(struct sim *s);

/* wait.c */
double now(void);
long long now_ns(void);
void wait_start(struct sim *s);
void wait_end(struct sim *s, void (*tick)(struct sim *s), int tick_ms);
void wait_until_eof(void);

/* report.c */
void report_ready(const struct sim *s);
void report_done(const struct sim *s);
void report_pinned(const struct sim *s, const char *more, ...)
	__attribute__((format(printf, 2, 3)));
void report_released(const struct sim *s, const char *more, ...)
	__attribute__((format(printf, 2, 3)));

#endif
