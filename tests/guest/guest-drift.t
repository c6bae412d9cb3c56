#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What spoils the kernel's counters has a guest to itself.
exec "$(dirname "$0")/run.sh" --name drift newest drift "$@"
