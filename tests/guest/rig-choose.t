#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which tests a guest runs: all, those of a name, those that want to be alone; and what they need.
# shellcheck disable=SC2034,SC2154 # these and the parts of run.sh use each other's

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
export LC_ALL=C # the order of names
. tests/guest/host/needs.sh
. tests/guest/host/choose.sh
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
mkdir "$here/t"
echo '# needs: mem=4096 time=7' >"$here/t/disk.sh"
echo '# needs: time=20' >"$here/t/disk-slow.sh"
printf '%s\n' '# needs: modules?=missing' '# needs:  alone	time=30 word=a=b' >"$here/t/vduse.sh"
printf '%s\n' '# no needs: of any' '# scenarios: rdma uring' >"$here/t/vfio.sh"
echo '# scenarios: uring' >>"$here/t/disk-slow.sh"

# chosen AMONG [NAME]...
chosen()
{
	words='' among=$1
	shift
	choose_tests "$@"
	for t in "${tests[@]}"; do
		basename "$t" .sh
	done | tr '\n' ' '
}

is "$(chosen '')" 'disk-slow disk vfio ' 'all but those that want to be alone'
is "$(chosen '' vduse)" 'vduse ' 'one of these by its name'
is "$(chosen '' v)" 'vduse vfio ' 'a part of names'
is "$(chosen '' disk)" 'disk ' "a whole name is no part of others'"
is "$(chosen '' disk- vfio)" 'disk-slow vfio ' 'several'
is "$(chosen '' none)" '' 'none of that name'
is "$(chosen '' rdma)" 'vfio ' 'by a kind of scenario'
is "$(chosen '' uring)" 'disk-slow vfio ' 'several by one'
is "$(chosen '' rdm)" '' 'no part of one'
is "$(chosen disk uring)" '' 'not among them, by a kind'
is "$(chosen disk,vduse)" 'disk vduse ' 'among some: these, even what wants to be alone'
is "$(chosen disk,vduse disk-slow)" '' 'not among them'
is "$(chosen disk,vduse v)" 'vduse ' 'a part, among some'

words='' among=''
choose_tests uring vfio
is "$words" ' only=uring' 'and run these only'

kernel_has()
{
	[ "$1" != missing ]
}

# needed TEST...: what resolve_needs makes of them.
needed()
{
	mem=2048 limit=60 words='' pack=()
	for t; do
		resolve_needs "$here/t/$t.sh" >>"$here/plan"
	done
	echo "$mem $limit$words"
}
is "$(needed vfio)" '2048 180' 'no needs: the defaults'
is "$(needed disk disk-slow)" '4096 87' 'most of the memory, the sum of the times'
is "$(rm "$here/plan"; needed vduse)" '2048 90 a=b' 'words, over several lines'
is "$(tr '\n' ' ' <"$here/plan")" 'lacks missing time 30 ' 'what the guest is told'
done_testing
