// SPDX-License-Identifier: GPL-2.0
/* Netlink: see the header. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/vdpa.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

void nl_start(union nl_message *m, int type, int fixed)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_len = NLMSG_HDRLEN + NLMSG_ALIGN(fixed);
	m->h.nlmsg_type = type;
	m->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
}

void nl_put(union nl_message *m, int type, const char *text)
{
	struct nlattr *a = (void *)(m->room + NLMSG_ALIGN(m->h.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + strlen(text) + 1;
	strcpy((char *)a + NLA_HDRLEN, text);
	m->h.nlmsg_len = NLMSG_ALIGN(m->h.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

int nl_talk(union nl_message *m, int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), err = 0;

	if (fd < 0)
		return -errno;
	if (send(fd, m, m->h.nlmsg_len, 0) < 0 || recv(fd, m, sizeof(*m), 0) < 0)
		err = -errno;
	else if (m->h.nlmsg_type == NLMSG_ERROR)
		err = ((struct nlmsgerr *)NLMSG_DATA(&m->h))->error;
	close(fd);
	return err;
}

static struct genlmsghdr *generic(union nl_message *m)
{
	return NLMSG_DATA(&m->h);
}

/* The number that the kernel gave to a family of generic netlink. */
static int family(const char *name)
{
	union nl_message m;
	struct nlattr *a;
	int err, at;

	nl_start(&m, GENL_ID_CTRL, GENL_HDRLEN);
	generic(&m)->cmd = CTRL_CMD_GETFAMILY;
	nl_put(&m, CTRL_ATTR_FAMILY_NAME, name);
	err = nl_talk(&m, NETLINK_GENERIC);
	if (err)
		return err;
	for (at = NLMSG_HDRLEN + GENL_HDRLEN; at + NLA_HDRLEN <= (int)m.h.nlmsg_len;
	     at += NLA_ALIGN(a->nla_len)) {
		a = (void *)(m.room + at);
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(uint16_t *)(m.room + at + NLA_HDRLEN);
		if (a->nla_len < NLA_HDRLEN)
			break;
	}
	return -ENOENT;
}

static int vdpa(int command, const char *name, const char *manager)
{
	int id = family(VDPA_GENL_NAME);
	union nl_message m;

	if (id < 0)
		return id;
	nl_start(&m, id, GENL_HDRLEN);
	generic(&m)->cmd = command;
	generic(&m)->version = VDPA_GENL_VERSION;
	nl_put(&m, VDPA_ATTR_DEV_NAME, name);
	if (manager)
		nl_put(&m, VDPA_ATTR_MGMTDEV_DEV_NAME, manager);
	return nl_talk(&m, NETLINK_GENERIC);
}

int vdpa_add(const char *name)
{
	return vdpa(VDPA_CMD_DEV_NEW, name, "vduse");
}

int vdpa_del(const char *name)
{
	return vdpa(VDPA_CMD_DEV_DEL, name, NULL);
}
