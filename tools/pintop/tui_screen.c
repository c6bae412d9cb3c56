// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

#include "cli.h"
#include "tui_screen.h"

static SCREEN *terminal;
static attr_t attrs[STYLES];
static int held_stderr = -1;	/* the real one, while words are held back */
static int cursor_y, cursor_x;

/* What a style looks like: its colours, and how it differs where there are none. */
static const struct {
	attr_t attr;		/* with colours */
	short fg, bg;		/* -1: the terminal's own */
	attr_t mono;		/* without */
} styles[STYLES] = {
	[STYLE_PLAIN] = { A_NORMAL, -1, -1, A_NORMAL },
	[STYLE_LABEL] = { A_NORMAL, COLOR_CYAN, -1, A_NORMAL },
	[STYLE_TOTAL] = { A_BOLD, -1, -1, A_BOLD },
	[STYLE_WARN] = { A_NORMAL, COLOR_YELLOW, -1, A_BOLD },
	[STYLE_BAD] = { A_BOLD, COLOR_RED, -1, A_REVERSE },
	[STYLE_DIM] = { A_DIM, -1, -1, A_DIM },
	[STYLE_HEAD] = { A_NORMAL, COLOR_BLACK, COLOR_GREEN, A_REVERSE },
	[STYLE_HEAD_SORT] = { A_BOLD, COLOR_BLACK, COLOR_CYAN, A_BOLD | A_UNDERLINE },
	[STYLE_TAB] = { A_BOLD, -1, -1, A_BOLD | A_UNDERLINE },
	[STYLE_SELECTED] = { A_NORMAL, COLOR_BLACK, COLOR_CYAN, A_REVERSE },
	[STYLE_KEY] = { A_NORMAL, -1, -1, A_BOLD },
	[STYLE_KEY_NAME] = { A_NORMAL, COLOR_BLACK, COLOR_CYAN, A_REVERSE },
	[STYLE_UP] = { A_NORMAL, COLOR_YELLOW, -1, A_NORMAL },
	[STYLE_DOWN] = { A_NORMAL, COLOR_GREEN, -1, A_NORMAL },
	[STYLE_BAR] = { A_NORMAL, COLOR_GREEN, -1, A_NORMAL },
	[STYLE_OTHER] = { A_NORMAL, COLOR_CYAN, -1, A_BOLD },
};

static void set_styles(bool color)
{
	int i;

	color = color && has_colors() && start_color() == OK && use_default_colors() == OK;
	for (i = 0; i < STYLES; i++) {
		attrs[i] = styles[i].mono;
		if (!color)
			continue;
		attrs[i] = styles[i].attr;
		if (styles[i].fg < 0 && styles[i].bg < 0)
			continue;
		init_pair((short)i, styles[i].fg, styles[i].bg);
		attrs[i] |= COLOR_PAIR(i);
	}
}

/* A word of a library, or of die(), would be lost on the screen: keep them for later. */
static void hold_stderr(void)
{
	int fd = memfd_create("stderr", MFD_CLOEXEC);

	if (fd < 0)
		return;
	held_stderr = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static void release_stderr(void)
{
	char buf[1024];
	ssize_t n;
	int fd;

	if (held_stderr < 0)
		return;
	fflush(stderr);
	fd = dup(STDERR_FILENO);
	dup2(held_stderr, STDERR_FILENO);
	close(held_stderr);
	held_stderr = -1;
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(STDERR_FILENO, buf, (size_t)n) < 0)
			break;
	close(fd);
}

/* newterm() would say little, and take terminals that cannot place the cursor. */
int screen__check(struct fail *fail)
{
	const char *term = getenv("TERM");
	const char *cup;
	int err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail_set(fail, EXIT_USAGE, "standard %s is not a terminal; "
				"use --batch for plain text, --json for programs",
				isatty(STDIN_FILENO) ? "output" : "input");
	if (!term || !*term)
		return fail_set(fail, EXIT_USAGE, "TERM is not set; "
				"set it, or use --batch for plain text");
	if (setupterm(term, STDOUT_FILENO, &err) != OK)
		return fail_set(fail, EXIT_USAGE, "no description of the terminal TERM='%.64s' %s; "
				"set TERM to one that is there, or use --batch for plain text",
				term, err ? "that fits" : "is installed");
	cup = tigetstr("cup");
	if (!cup || cup == (char *)-1)
		return fail_set(fail, EXIT_USAGE, "the terminal TERM='%.64s' cannot place the "
				"cursor; use --batch for plain text", term);
	del_curterm(cur_term);
	return 0;
}

int screen__begin(bool color, struct fail *fail)
{
	static bool at_exit;

	if (screen__check(fail))
		return -1;
	set_escdelay(25);
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return fail_set(fail, EXIT_USAGE, "cannot use the terminal; "
				"use --batch for plain text");
	if (!at_exit)
		atexit(screen__end);
	at_exit = true;
	hold_stderr();
	set_styles(color);
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	screen__cursor(0, -1);
	return 0;
}

void screen__end(void)
{
	if (!terminal)
		return;
	endwin();
	delscreen(terminal);
	terminal = NULL;
	release_stderr();
}

int screen__rows(void)
{
	return LINES;
}

int screen__cols(void)
{
	return COLS;
}

void screen__clear(void)
{
	erase();
}

void screen__show(void)
{
	if (cursor_x >= 0)
		move(cursor_y, cursor_x);
	refresh();
}

void screen__redraw(void)
{
	clearok(curscr, TRUE);
}

int screen__put(int y, int x, int cols, enum tui_fit fit, enum style style, const char *text)
{
	char fitted[TUI_TEXT_MAX];

	if (cols > COLS - x)
		cols = COLS - x;
	if (y < 0 || y >= LINES || x < 0 || cols <= 0)
		return x;
	attrset(attrs[style]);
	mvaddstr(y, x, tui_fit(text, cols, fit, fitted, sizeof(fitted)));
	return x + cols;
}

int screen__print(int y, int x, enum style style, const char *text)
{
	return screen__put(y, x, tui_width(text), FIT_LEFT, style, text);
}

void screen__fill(int y, enum style style)
{
	if (y < 0 || y >= LINES)
		return;
	attrset(attrs[style]);
	mvhline(y, 0, ' ' | attrs[style], COLS);
}

void screen__cursor(int y, int x)
{
	cursor_y = y;
	cursor_x = x;
	curs_set(x >= 0);
}

int screen__key(void)
{
	int key = getch();

	return key == ERR ? -1 : key;
}
