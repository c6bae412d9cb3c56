#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# keep.sh TEST    runs a test and keeps what it prints in $TAP_KEPT, for check.sh to repeat

set -eu -o pipefail
"$@" | tee "$TAP_KEPT/$(basename "$1").tap"
