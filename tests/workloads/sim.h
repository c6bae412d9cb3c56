/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pinsim: takes pins on purpose and says what it took.
 *
 * A scenario is a row in a table of its subsystem's file. Most of them are a kind of memory (mem.c)
 * given to something that pins it (struct pinner), and share one life (hold.c): take, say so, hold,
 * give back, say so.
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
	OPT_FAMILY	= 1 << 4,	/* --fork, --thread, --release */
	OPT_PROCS	= 1 << 5,
	OPT_THREADS	= 1 << 6,
	OPT_FILE	= 1 << 7,
	OPT_HUGE	= 1 << 8,	/* --reserve-hugepages */
	OPT_ABORT	= 1 << 9,	/* --abort, --die-after */
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
	bool		release_by_close;
	bool		quiet;
	int		share;
	int		forks;
	int		map_only;
	int		procs;
	int		threads;
	const char	*name;
	const char	*file;
};

enum mem_kind {
	MEM_NONE,
	MEM_ANON,
	MEM_THP,
	MEM_PARTIAL_THP,
	MEM_MEMFD,
	MEM_HUGETLB,
	MEM_MEMFD_HUGETLB,
	MEM_MTHP,
};

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

/*
 * What was taken, in memory shared with the children: with --pass-ring a child fills it in.
 * A subsystem counts its pins in one of few ways, depending on the kernel ("one per page", "one
 * per folio"). models[] says what each way makes of the real layout; the counters say which it is.
 */
struct outcome {
	_Atomic bool	taken;		/* by the first one */
	pid_t		pid, tgid;
	uintptr_t	address;
	size_t		length;
	bool		known;
	uint64_t	folios, bytes, folio_bytes;
	int		nr_models;
	long long	models[MAX_MODELS];
	long long	expected, observed;
	char		passed_by[16];
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

struct pinner {
	void	(*take)(struct sim *s);
	void	(*drop)(struct sim *s);		/* pins and what holds them */
	int	(*models)(const struct layout *l, long long *models);
};

struct scenario {
	const char		*name;
	const char		*help;
	int			(*run)(struct sim *s);
	unsigned int		allows;		/* OPT_* */
	size_t			pages;		/* unless told otherwise: a prime number */
	enum mem_kind		mem;
	const struct pinner	*pinner;
};

struct sim {
	const struct scenario	*sc;
	struct opts		o;
	pid_t			main_tgid;
	int			sigfd;
	struct mem		mem;
	int			pin_fd;		/* what holds the pins, or -1 */
	struct pincount		before;
	struct outcome		*out;
	struct batch		sharers, mappers, forked;
	pid_t			holder;		/* the only one left after --pass-ring, or 0 */
};

/* One table per subsystem, ended by an empty row. */
extern const struct scenario uring_scenarios[];
extern const struct scenario crowd_scenarios[];
extern const struct scenario busy_scenarios[];
extern const struct scenario clone_scenarios[];
extern const struct scenario files_scenarios[];
extern const struct scenario slow_scenarios[];

/* pinsim.c */
void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void cannot(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void note(const struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* options.c */
void options_parse(struct sim *s, int argc, char **argv);
const struct scenario *scenario_find(const char *name);
const struct scenario *scenario_next(const struct scenario *sc);

/* mem.c */
size_t page_size(void);
void mem_reserve(struct sim *s);
void mem_get(struct sim *s);
void mem_check(const struct sim *s, const struct layout *l);
void mem_unmap(struct sim *s);
void mem_close(struct sim *s);
void mem_put_back_hugepages(void);
void mem_touch(const struct sim *s);

/* mthp.c */
size_t mthp_unit(void);
void mthp_fill(const struct mem *m);

/* layout.c */
void layout_read(struct layout *l, const void *addr, size_t len);
void layout_free(struct layout *l);
long long layout_mapcount(const void *addr);

/* counters.c */
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

/* hold.c */
int hold_run(struct sim *s);
void hold_take(struct sim *s);

/* pass.c */
void pass_take(struct sim *s);
void pass_drop(struct sim *s);

/* wait.c */
double now(void);
void wait_start(struct sim *s);
void wait_end(struct sim *s, void (*tick)(struct sim *s), int tick_ms);

/* report.c */
void report_pinned(const struct sim *s, const char *more, ...)
	__attribute__((format(printf, 2, 3)));
void report_released(const struct sim *s, const char *more, ...)
	__attribute__((format(printf, 2, 3)));

#endif
