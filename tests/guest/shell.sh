#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shell.sh [OPTIONS OF run.sh] KERNEL    a shell in a guest, with the tools and the tests in it

exec "$(dirname "$0")/run.sh" --shell "$@"
