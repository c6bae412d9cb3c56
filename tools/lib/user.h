/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PINSCOPE_USER_H
#define PINSCOPE_USER_H

#include <sys/types.h>

/* The user of a login name or of a number. 0, or -ENOENT. */
int user_parse(const char *text, uid_t *uid);

#endif
