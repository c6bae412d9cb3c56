# SPDX-License-Identifier: GPL-2.0
# needs: devices=ext4 modules=algif_hash time=500 mem=3072
# Many processes that pin in all ways at once and are killed at random, the tool looking on; and a
# ledger that is too small.

mount_disk ext4
ok $? 'ext4 mounts' || return
echo "mixed --for ${mixed:-20} --dir /mnt/ext4" | exact --mixed
echo 'uring-anon --pages 10007' | exact --full --entries 50
echo 'uring-anon' | exact --kprobes
