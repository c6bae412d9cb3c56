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

# The module that is built for the kernel: packed and loaded, or the test is skipped.
cat >"$here/build-pinlab.sh" <<'EOS'
#!/bin/sh
case $1 in
6.1.*) echo "/cache/$1/pinlab.ko" ;;
own) exit 77 ;;
*) exit 1 ;;
esac
EOS
chmod +x "$here/build-pinlab.sh"
echo '# needs: pinlab time=30' >"$here/t/lab.sh"
die()
{
	echo "died: $*"
	exit 1
}

# lab ARCH VERSION [MODULES]: what the guest is told, and what is packed for it.
lab()
{
	arch=$1 version=$2 moddir=${3-/modules}
	rm -f "$here/plan"
	(needed lab) >/dev/null
	tr '\n' ' ' <"$here/plan"
}
is "$(lab amd64 6.1.0-9)" 'module pinlab time 30 ' 'pinlab: built'
arch=amd64 version=6.1.0-9 moddir=/modules
needed lab >/dev/null
is "${pack[*]}" '--file /cache/6.1.0-9/pinlab.ko:lib/modules/6.1.0-9/extra/pinlab.ko' 'and packed'
is "$(lab amd64 own)" 'skip no headers to build pinlab for own time 30 ' 'no headers: skipped'
like "$(lab amd64 none '')" '^skip pinlab is built for kernels' "a kernel of one's own: skipped"
like "$(lab arm64 6.1.0-9)" '^skip pinlab is built for kernels of amd64' 'arm64: skipped'
like "$(lab amd64 7.3)" '^died: cannot build pinlab for 7.3' 'one that does not build'
done_testing
