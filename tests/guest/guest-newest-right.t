#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The rules of pinning: none is said to be broken where all is right.
exec "$(dirname "$0")/run.sh" --name newest-right --of audit-right newest "$@"
