#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# 6.1 warns and refuses when hugetlb pages in ZONE_MOVABLE are to be pinned for long: none here.
exec "$(dirname "$0")/run.sh" --of blocks,nodes,pintop-live,scan,slow --append movablecore=0 6.1 "$@"
