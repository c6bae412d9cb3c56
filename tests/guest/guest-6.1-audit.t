#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The rules of pinning: each broken on purpose.
exec "$(dirname "$0")/run.sh" --name 6.1-audit --of audit,audit-closed --append movablecore=0 6.1 "$@"
