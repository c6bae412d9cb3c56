#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each pin call.
exec "$(dirname "$0")/run.sh" --name 6.1-trace --of hunt,pintrace,pintrace-fail,pintrace-lab --append movablecore=0 6.1 "$@"
