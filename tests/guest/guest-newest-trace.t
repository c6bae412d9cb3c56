#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each pin call, and what is never given back.
exec "$(dirname "$0")/run.sh" --name newest-trace --of hunt,pinlab,pinleak,pintrace,pintrace-fail newest "$@"
