// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "user.h"

#ifdef PINSCOPE_STATIC
/* As in text.c: no name services in a static binary. */
static const struct passwd *passwd_of(const char *name)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	if (!f)
		return NULL;
	while ((pw = fgetpwent(f)) && strcmp(pw->pw_name, name))
		;
	fclose(f);
	return pw;
}
#else
static const struct passwd *passwd_of(const char *name)
{
	return getpwnam(name);
}
#endif

int user_parse(const char *text, uid_t *uid)
{
	const struct passwd *pw = passwd_of(text);
	uint64_t number;

	if (pw) {
		*uid = pw->pw_uid;
		return 0;
	}
	/* The largest number stands for "no user" in system calls. */
	if (parse_u64(text, 0, UINT_MAX - 1, &number))
		return -ENOENT;
	*uid = (uid_t)number;
	return 0;
}
