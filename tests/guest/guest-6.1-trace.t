#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each pin call, what is never given back, and what breaks the rules.
exec "$(dirname "$0")/run.sh" --name 6.1-trace --of audit,audit-right,pinlab,pinleak,pintrace --append movablecore=0 6.1 "$@"
