# SPDX-License-Identifier: GPL-2.0
# needs: devices=vfat alone
# O_DIRECT where the kernel's own counters are wrong, and by how much. Alone, for they stay wrong.

# shellcheck source=/dev/null disable=SC2154 # drift
. /lib/sites.sh
sites_start || return
mount_disk vfat
ok $? 'a filesystem' || return

for name in dioread diowrite; do
	for kind in anon thp partial-thp memfd hugetlb memfd-hugetlb; do
		fast $name-$kind --dir /mnt/vfat
	done
done
# Whether blocks lie apart within a page depends on what was there before.
for size in 3333 6666 9999 13332; do
	fast dioread --dir /mnt/vfat --size ${size}K
done
case $(uname -r) in
6.1.*) is "$drift" 0 'plain references, no drift' ;;
*) ok "$([ "$drift" -lt -100000 ]; echo $?)" "the counters are wrong by $drift" ;;
esac
nothing_left drift
umount /mnt/vfat
