# SPDX-License-Identifier: GPL-2.0
# needs: modules?=udmabuf time=300
# A tool that is started when all is pinned already: it finds all pins, whose they are, and sees
# each release.

{
	scenarios '' uring pbufring nommap xdp udmabuf
	echo uring-anon --unmap
	echo uring-memfd --share 2
	echo uring-anon --fork 2
} | grep -v -e clone-vm -e hugetlb >/tmp/list
echo uring-hugetlb >>/tmp/list
exact --late </tmp/list
