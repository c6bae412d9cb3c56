# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A guest's shell is on the terminal that run.sh was started in: pintop and vi want to know it.

terminal_words()
{
	local size
	echo " TERM=${TERM:-linux}"
	! size=$(stty size 2>/dev/null) || echo " rows=${size% *} columns=${size#* }"
}

# terminal_files: what mkinitramfs.sh is to pack for it to be known.
terminal_files()
{
	local dir name=${TERM:-linux}
	for dir in /etc/terminfo /lib/terminfo /usr/lib/terminfo /usr/share/terminfo; do
		if [ -f "$dir/${name:0:1}/$name" ]; then
			printf '%s\n' --file "$dir/${name:0:1}/$name:lib/terminfo/${name:0:1}/$name"
			return
		fi
	done
}
