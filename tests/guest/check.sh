#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [OPTIONS OF run.sh]    run guests' tests; "make check-guest" calls it
#
# From the environment, each may be empty:
#   KERNEL            6.1, 6.12, newest, 7.3, arm64-6.12 ... (every one that has tests here)
#   VMLINUZ, MODULES  another kernel, and its .../lib/modules/VERSION
#   T                 a test of tests/guest/t, a part of such names, or a kind of scenario: vfio (all)
#   O                 the build folder (build)

set -eu -o pipefail
cd "$(dirname "$0")/../.."
. tests/lib/jobs.sh

if [ "${1-}" = -h ] || [ "${1-}" = --help ]; then
	sed -n '4,10s/^# \?//p' tests/guest/check.sh
	exit
fi
kernel=${KERNEL-}
t=${T-}
O=${O:-build}

export O
tests/guest/build-tools.sh amd64 "$O/static"

options=("$@" ${t:+"$t"})
if [ -n "${VMLINUZ-}" ]; then
	tests=(tests/guest/run.sh)
	options=(--vmlinuz "$VMLINUZ" ${MODULES:+--modules "$MODULES"} "${options[@]}")
elif [ -z "$kernel$t" ]; then
	tests=(tests/guest/*.t) # with those of the rig itself
elif [ -z "$kernel" ]; then
	tests=(tests/guest/guest-*.t)
else
	tests=()
	for file in "tests/guest/guest-$kernel.t" "tests/guest/guest-$kernel"-*.t; do
		[ ! -e "$file" ] || tests+=("$file")
	done
	# One without a file of its own has no peculiarities.
	if [ ${#tests[@]} = 0 ]; then
		tests=(tests/guest/run.sh)
		options=("$kernel" "${options[@]}")
	fi
fi

if [ -n "$t" ] && ! compgen -G "tests/guest/t/*$t*.sh" >/dev/null &&
	! grep -qE "^# scenarios:(.*[[:blank:]])?$t([[:blank:]]|\$)" tests/guest/t/*.sh; then
	echo "check: no test is called like $t (tests/guest/t has $(cd tests/guest/t && echo ./*.sh | sed 's/\.\///g; s/\.sh//g')," \
		"scenarios $(sed -n 's/^# scenarios: //p' tests/guest/t/*.sh | tr ' ' '\n' | sort -u | tr '\n' ' '))" >&2
	exit 1
fi
exec prove -j"$(parallel_guests)" "${tests[@]}" :: "${options[@]}"
