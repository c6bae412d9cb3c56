#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
exec "$(dirname "$0")/run.sh" --of blocks,nodes,pintop-live,scan,slow newest "$@"
