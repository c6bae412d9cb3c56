# SPDX-License-Identifier: GPL-2.0
# By which way functions are seen, as "--features" of a tool says.

# by_kprobe: the functions that this kernel cannot show by fentry.
by_kprobe()
{
	case $(uname -r) in
	# Seven arguments: one too many there.
	6.1.*) echo pin_user_pages_remote ;;
	esac
}

# ways FILE: is each function of what --features says seen by fentry, and none but those by kprobe?
ways()
{
	local kprobes
	kprobes=$(sed -nE 's/^([a-z_]+) +kprobe.*/\1/p' "$1")
	[ "$kprobes" = "$(by_kprobe)" ] && grep -qE '^unpin_user_pages +fentry$' "$1" &&
		grep -qE '^pin_user_pages +fentry$' "$1" && ! grep -q 'cannot be attached' "$1"
}
