// SPDX-License-Identifier: GPL-2.0
#include <limits.h>

#include "tui_layout.h"

/* Columns of this rank and beyond come when the others have all they want. */
#define RANK_EXTRA 10

/* Those that say whose the row is do not scroll away. */
static bool is_fixed(const struct column *col)
{
	return col->id == COL_PID || col->id == COL_COMMAND || col->id == COL_NAME;
}

struct fitting {
	const struct column *cols[COLUMNS_MAX];
	int rank[COLUMNS_MAX];		/* 0: not wanted */
	bool in[COLUMNS_MAX];
	size_t n;
	int extra;			/* from this rank on, only where there is room */
};

/* Columns of the screen that what is in takes, with the blanks between. */
static int needed(const struct fitting *f, bool most)
{
	int sum = -1;
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->in[i])
			sum += 1 + (most ? f->cols[i]->most : f->cols[i]->width);
	return sum;
}

/* The first one comes in any case: it is cut where the screen is that narrow. */
static void choose(struct fitting *f, int cols)
{
	int rank, highest = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < f->n; i++)
		highest = f->rank[i] > highest ? f->rank[i] : highest;
	for (rank = 1; rank <= highest; rank++) {
		for (i = 0; i < f->n; i++) {
			if (f->rank[i] != rank)
				continue;
			f->in[i] = true;
			f->in[i] = needed(f, rank >= f->extra) <= cols || !any;
			any |= f->in[i];
		}
	}
}

static size_t place(const struct fitting *f, int cols, struct placed *placed)
{
	int spare = cols - needed(f, false), x = 0;
	size_t i, n = 0;

	for (i = 0; i < f->n; i++) {
		const struct column *col = f->cols[i];
		int grow = col->most - col->width;

		if (!f->in[i])
			continue;
		grow = grow < spare ? grow : spare > 0 ? spare : 0;
		placed[n++] = (struct placed){ col, x, col->width + grow };
		spare -= grow;
		x += col->width + grow + 1;
	}
	/* The last one takes what is left; a column wider than the screen is cut. */
	if (n && placed[n - 1].col->type == TYPE_TEXT && spare > 0)
		placed[n - 1].width += spare;
	if (n && placed[n - 1].width > cols - placed[n - 1].x)
		placed[n - 1].width = cols - placed[n - 1].x;
	return n;
}

size_t layout_columns(enum view view, bool live, const struct column *sort, size_t skip,
		      int cols, struct placed placed[COLUMNS_MAX], bool *more)
{
	struct fitting f = { .extra = skip ? INT_MAX : RANK_EXTRA };
	size_t i, passed = 0;

	f.n = table_columns(view, live, f.cols);
	*more = false;
	for (i = 0; i < f.n; i++) {
		f.rank[i] = column_rank(f.cols[i], view, live);
		/* Who has scrolled wants those that come next, whatever their rank. */
		if (!is_fixed(f.cols[i]) && f.rank[i] && skip)
			f.rank[i] = passed++ < skip ? 0 : RANK_EXTRA + (int)i;
		/* What the rows are sorted by is to be seen. */
		if (f.cols[i] == sort && (!f.rank[i] || f.rank[i] > 3))
			f.rank[i] = 3;
	}
	choose(&f, cols);
	for (i = 0; i < f.n; i++)
		*more |= f.rank[i] && !f.in[i];
	return place(&f, cols, placed);
}
