#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every pin, exact to the page; all but short-lived ones have to leave ZONE_MOVABLE first.
exec "$(dirname "$0")/run.sh" --name 6.12-exact --of exact,exact-kill,exact-late,exact-media,exact-mixed,exact-net,exact-storage --append 'pins=10000000' 6.12 "$@"
