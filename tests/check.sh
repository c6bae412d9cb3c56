#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh [NAME]    build everything and run all tests, or those whose path contains NAME
#
# "make check" calls it. The last lines are prove's verdict.

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

# Native tests compare the machine's own pin counters: one at a time. Guests have their own.
exec prove -j"$(parallel_guests)" --rules='par=tests/guest/*' --rules='seq=**' "${tests[@]}"
