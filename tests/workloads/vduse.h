/* SPDX-License-Identifier: GPL-2.0 */
/* The disk behind a VDUSE device: a thread that answers each request with zeros. */
#ifndef PINSIM_VDUSE_H
#define PINSIM_VDUSE_H

#define DISK_ENTRIES	128	/* of its only queue */

/* From now on, until the process ends. dev: the device's own file. */
void disk_start(int dev);

#endif
