#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every pin, exact to the page. Without ZONE_MOVABLE: see guest-6.1.t.
exec "$(dirname "$0")/run.sh" --name 6.1-exact --of exact,exact-late,exact-media,exact-mixed,exact-net,exact-storage --append movablecore=0 6.1 "$@"
