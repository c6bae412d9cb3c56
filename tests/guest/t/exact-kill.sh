# SPDX-License-Identifier: GPL-2.0
# needs: devices=ext4 modules=algif_hash time=300 mem=3072
# kill -9 of the tool while everything pins: the kernel detaches all of it, and the next one is exact.

mount_disk ext4
ok $? 'ext4 mounts' || return
[ -r /sys/kernel/debug/kprobes/list ]
ok $? 'the kernel lists its kprobes' || return
# A start in the middle takes a while: each way on one kernel.
case $(uname -r) in
6.12.*) way=--kprobes ;;
*) way= ;;
esac
echo 'mixed --procs 2 --dir /mnt/ext4' | exact --kill $way
