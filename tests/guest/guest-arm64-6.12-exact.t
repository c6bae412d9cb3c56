#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every pin, exact to the page, on arm64.
exec "$(dirname "$0")/run.sh" --name arm64-6.12-exact --of exact,exact-late,exact-mixed arm64-6.12 "$@"
