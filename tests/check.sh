#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [NAME]    build everything and run all tests, or those whose path contains NAME
#
# "make check" calls it. After prove's verdict it says again what has failed, and why.

set -eu -o pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
	echo 'check: the tests pin memory and load BPF programs: run as root (sudo make check)' >&2
	exit 1
fi

export PINSCOPE_BIN=$PWD/build/bin PINSIM=$PWD/build/tests/pinsim
. tests/lib/jobs.sh

make -j"$(nproc)" --no-print-directory WERROR=1 all unit model workloads
make -j"$(nproc)" --no-print-directory WERROR=1 O=build/static STATIC=1 all workloads

tests=()
# The newest kernels' guests take longest: they begin, for none to run alone at the end.
mapfile -t guests < <(printf '%s\n' tests/guest/*.t | sort -r)
for t in tests/unit/*.t tests/model/*.t tests/build/*.t tests/native/*.t "${guests[@]}"; do
	case $t in
	*"${1-}"*) tests+=("$t") ;;
	esac
done
if [ ${#tests[@]} = 0 ]; then
	echo "check: no test's path contains '$1'" >&2
	exit 1
fi

export TAP_KEPT=$PWD/build/tap
rm -rf "$TAP_KEPT"
mkdir -p "$TAP_KEPT"

# Native tests compare the machine's own pin counters: one at a time. Guests have their own.
rc=0
prove -j"$(parallel_guests)" --rules='par=tests/guest/*' --rules='seq=**' --exec tests/lib/keep.sh \
	"${tests[@]}" || rc=$?
[ $rc != 0 ] || exit 0

# Each line that says "not ok", and what the test says below it.
failures()
{
	awk -v lines=20 '
		/^not ok/ && !/# (TODO|SKIP)/ { said = lines; print "  " $0; next }
		/^#/ && said > 0 { said--; print "    " $0; next }
		{ said = 0 }' "$1"
}

for kept in "$TAP_KEPT"/*.tap; do
	failed=$(failures "$kept")
	[ -z "$failed" ] || printf '%s\n%s\n' "$(basename "$kept" .tap):" "$failed"
done
echo 'check: FAILED'
exit $rc
