#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
exec "$(dirname "$0")/run.sh" --of blocks,nodes,offline,pintop-live,scan,slow --numa 6.12 "$@"
