# SPDX-License-Identifier: GPL-2.0
# needs: time=300 modules?=udmabuf
# pinleak and memory that no process maps: what memfd_pin_folios() has pinned need not be mapped, so
# it is held; what was mapped when it was pinned is an orphan. The first function of each stack is
# the one that pinned, on every kernel.

# row MEMBER VALUE WANTED: of the row whose MEMBER has VALUE
row()
{
	local at
	at=$(sed -n "s/^\(rows\.[0-9]*\)\.$1=$2\$/\1/p" /tmp/look | head -n 1)
	[ -n "$at" ] && get look "$at.$3"
}

# starts PAGES FUNCTION...: of the row with so many pins: one of them begins its stack, once.
starts()
{
	local pins=$1 stack
	shift
	stack=$(row pins "$pins" frames.0 | sed 's/+.*//')
	echo " $* " | grep -qF " $stack "
	ok $? "$pins pins: their stack begins with $*" || note /tmp/look
	row pins "$pins" frames.1 | grep -q "^$stack\>"
	is $? 1 "$pins pins: which stands there once"
}

# The looks begin before the pins are taken.
: >/tmp/out
pinleak -j -i 1 >>/tmp/out 2>/tmp/err &
leak=$!
tries=300
until [ -s /tmp/out ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.2
done
pinsim --quiet uring-anon --pages 307 --unmap >/tmp/uring.json &
uring=$!
pin memfd udmabuf-memfd --pages 251 --unmap
has_udmabuf=$?
sleep 4
tail -n 1 /tmp/out >/tmp/look.json
flat look
is "$(row pins 307 class)" orphan 'io_uring: what nobody maps is an orphan'
starts 307 pin_user_pages_fast pin_user_pages
if [ $has_udmabuf = 77 ] || ! grep -q ' memfd_pin_folios$' /proc/kallsyms; then
	skip 'udmabuf' 'it pins nothing on this kernel'
else
	is $has_udmabuf 0 'udmabuf pins'
	is "$(row pins 251 class)" held 'udmabuf: what nobody maps is held'
	is "$(row pins 251 unmapped_bytes)" $((251 * 4096)) 'udmabuf: nobody maps any of it'
	is "$(row pins 251 driver)" udmabuf 'udmabuf: driver'
	starts 251 memfd_pin_folios
fi
[ $has_udmabuf != 0 ] || unpin memfd
kill -TERM $uring
wait $uring
kill -TERM $leak
wait $leak
is $? 0 'pinleak ends'
