# SPDX-License-Identifier: GPL-2.0
# needs: devices=ext4 modules=algif_hash time=200
# Many processes that pin in all ways at once and are killed at random: nothing stays.

# shellcheck source=/dev/null
. /lib/sites.sh
sites_start || return
mount_disk ext4
ok $? 'a filesystem' || return
pinsim mixed --for 20 --dir /mnt/ext4 >/tmp/mixed.out 2>/tmp/mixed.err
ok $? 'mixed: none of its processes failed' || note /tmp/mixed.err
sed -n 2p /tmp/mixed.out >/tmp/sim.json
flat sim
echo "# $(get sim 'done') done, $(get sim killed) killed, $(get sim acquired) pins"
[ "$(get sim 'done')" -gt 50 ] && [ "$(get sim killed)" -gt 10 ]
ok $? 'mixed: much was done'
is "$(get sim remaining_pins)" 0 'mixed: no pin is left'
is "$(get sim released)" "$(get sim acquired)" 'mixed: as many released as acquired'
nothing_left mixed
umount /mnt/ext4
