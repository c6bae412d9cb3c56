#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# VDUSE has a guest to itself: what is left of its devices hangs at times.
exec "$(dirname "$0")/run.sh" --name 6.12-vduse --of exact-vduse 6.12 "$@"
