/* SPDX-License-Identifier: GPL-2.0 */
/* One netlink request with string attributes, and its acknowledgement. */
#ifndef PINSIM_NETLINK_H
#define PINSIM_NETLINK_H

#include <linux/netlink.h>
#include <stdint.h>

#define NL_ROOM		1024

union nl_message {
	struct nlmsghdr	h;
	char		room[NL_ROOM];
};

/* fixed: bytes of the protocol's own header, all zero. */
void nl_start(union nl_message *m, int type, int fixed);
void nl_put(union nl_message *m, int type, const char *text);

/*
 * Sends m and leaves the answer there. 0, or a negative errno: the kernel's, or of no such
 * protocol. A message that is no acknowledgement counts as success.
 */
int nl_talk(union nl_message *m, int protocol);

/* As "vdpa dev add name NAME mgmtdev vduse" and "vdpa dev del NAME". Negative errno. */
int vdpa_add(const char *name);
int vdpa_del(const char *name);

#endif
