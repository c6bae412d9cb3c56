#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each pin call, and what is never given back.
exec "$(dirname "$0")/run.sh" --name 6.1-trace --of hunt,pinlab,pinleak,pintrace,pintrace-fail --append movablecore=0 6.1 "$@"
