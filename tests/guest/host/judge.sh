# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run.sh sets and uses these
# From what a guest left behind to TAP. What tells more about a failure goes to stderr, where prove
# lets it through, with the guest's name in front of each line.

n=0
failed=0

# explain [TEXT]: lines (of stdin, if none are given) about a failure.
explain()
{
	if [ $# -gt 0 ]; then
		explain <<<"$1"
	else
		sed "s|^|# $label: |" >&2
	fi
}

# result VERDICT NAME: "ok" or "not ok".
result()
{
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || { failed=$((failed + 1)); explain "FAILED: $2"; }
}

# judge STATUS NAME [TEXT]: a result of this side; the text tells more when it is a failure.
judge()
{
	if [ "$1" = 0 ]; then
		result ok "$2"
	else
		result 'not ok' "$2"
		[ -z "${3-}" ] || explain "$3"
	fi
}

# guest_results: those that came over the second serial port; sets planned.
guest_results()
{
	local line last=ok
	planned=
	while IFS= read -r line; do
		case $line in
		'ok - '*) last=ok; result ok "${line#ok - }" ;;
		'not ok - '*) last='not ok'; result 'not ok' "${line#not ok - }" ;;
		1..*) planned=${line#1..} ;;
		'#'*) [ "$last" = ok ] || explain "${line#\#}"; echo "$line" ;;
		*) echo "# ? $line" ;;
		esac
	done < <(tr -d '\r' <"$out/results")
}

trouble_words='Oops|BUG:|WARNING:|[Cc]all [Tt]race|Kernel panic|general protection|Unable to handle'
trouble_words+='|blocked for more than|rcu.*stall|soft lockup|UBSAN:|KASAN:|KFENCE:|Internal error'

# judge_guest STATUS LIMIT: all of it, for a QEMU that ended so; fails when anything failed.
judge_guest()
{
	local rest quiet trouble
	guest_results
	sed -i 's/\r//g' "$out/console.log"
	trouble=$(grep -aE -A 30 "$trouble_words" "$out/console.log" | sed -n 1,60p) || :

	[ "$planned" = "$n" ] && rest=0 || rest=1
	judge "$rest" "all results arrived (the guest says ${planned:-nothing}, here are $n)"
	case $1 in
	0) judge "$rest" 'the guest powers off by itself' ;;
	124 | 137) judge 1 "the guest ends within $2 s" ;;
	*) judge 1 "QEMU ends well (status $1)" "$(cat "$out/qemu.log")" ;;
	esac
	[ -z "$trouble" ] && quiet=0 || quiet=1
	judge "$quiet" 'the console shows no fault and no warning of the kernel' "$trouble"

	echo "1..$n"
	[ $failed = 0 ] && return
	explain "the console's last lines (all of it: $out/console.log):"
	tail -n 25 "$out/console.log" | explain
	return 1
}
