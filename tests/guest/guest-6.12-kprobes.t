#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The same as in guest-6.12-exact.t, by kprobes alone.
exec "$(dirname "$0")/run.sh" --name 6.12-kprobes --of exact,exact-media,exact-net,exact-storage --append kprobes=1 6.12 "$@"
