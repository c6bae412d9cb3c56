# SPDX-License-Identifier: GPL-2.0
# scenarios: rdma pingpong rds vhost
# needs: devices=ext4 modules=rdma_rxe,ib_uverbs,rdma_cm,rds,vhost_vsock time=400
# RDMA memory regions and messages, RDS, vhost.

mount_disk ext4
ok $? 'ext4 mounts' || return
{
	scenarios '' rdma pingpong
	scenarios '--release close' rdma
	scenarios '--release exit' rdma
	scenarios --abort rdma
	echo pingpong-thp --abort
	scenarios '--dir /mnt/ext4' rds vhost
} >/tmp/list
exact </tmp/list
