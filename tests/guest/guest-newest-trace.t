#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each pin call, what is never given back, and what breaks the rules.
exec "$(dirname "$0")/run.sh" --name newest-trace --of audit,audit-right,pinlab,pinleak,pintrace newest "$@"
