#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Half of the memory is CMA's, so that movable memory comes from there.
exec "$(dirname "$0")/run.sh" --name newest-cma --of cma newest "$@"
