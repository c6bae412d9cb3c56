# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run.sh sets and uses these
# Which tests run.

# wants_to_be_alone TEST-FILE
wants_to_be_alone()
{
	needs_of "$1" | grep -qx alone
}

# scenarios_of TEST-FILE: words of its lines "# scenarios: ...", one a line: what it pins with.
scenarios_of()
{
	sed -n 's/^# scenarios: *//p' "$1" | tr -s '[:blank:]' '\n'
}

# choose_by_scenario NAME: tests that have scenarios of that kind; they run these only.
choose_by_scenario()
{
	local t
	for t in "${all[@]}"; do
		if scenarios_of "$t" | grep -qx -e "$1"; then
			tests+=("$t")
			[[ $words == *" only=$1"* ]] || words+=" only=$1"
		fi
	done
}

# choose_tests [NAME]...: sets tests to files: see run.sh on NAME. A name of one test is no part of
# others' names; what is no part of any may be that of scenarios.
choose_tests()
{
	local all=() t name before
	tests=()
	for t in "$here"/t/*.sh; do
		name=$(basename "$t" .sh)
		case ,${among:-$name}, in
		*,"$name",*) all+=("$t") ;;
		esac
	done
	if [ $# = 0 ]; then
		for t in "${all[@]}"; do
			[ -z "$among" ] && wants_to_be_alone "$t" || tests+=("$t")
		done
	fi
	for name; do
		if [[ $name == */* ]]; then
			[ -f "$name" ] || die "no test $name"
			tests+=("$name")
			continue
		fi
		before=${#tests[@]}
		for t in "${all[@]}"; do
			case $t in
			*/"$name".sh) tests+=("$t") ;;
			*/t/*"$name"*.sh) [ -f "$here/t/$name.sh" ] || tests+=("$t") ;;
			esac
		done
		[ ${#tests[@]} != "$before" ] || choose_by_scenario "$name"
	done
}
