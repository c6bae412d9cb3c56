/* SPDX-License-Identifier: GPL-2.0 */
/* The disk behind a VDUSE device: a thread that answers each request with zeros. */
#ifndef PINSIM_VDUSE_H
#define PINSIM_VDUSE_H

#define DISK_ENTRIES	128	/* of its only queue */

/* dev: the device's own file. Once its driver has let go, the disk may stop. */
void disk_start(int dev);
void disk_stop(void);

#endif
