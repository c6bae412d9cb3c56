# SPDX-License-Identifier: GPL-2.0
# A true WARN(): 6.1 warns when hugetlb pages in ZONE_MOVABLE are to be pinned for long.
is "$(uname -r | cut -d. -f1-2)" 6.1 'the kernel that warns'
pinsim --quiet uring-hugetlb --hold 1 >/dev/null 2>&1
ok 0 'pins hugetlb pages'
