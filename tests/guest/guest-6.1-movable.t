#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# And with a ZONE_MOVABLE, but without hugetlb pages: see guest-6.1.t.
exec "$(dirname "$0")/run.sh" --name 6.1-movable --of audit-movable,exact,pinlab,scan --append 'except=*hugetlb*' 6.1 "$@"
