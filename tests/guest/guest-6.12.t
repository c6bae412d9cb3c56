#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
exec "$(dirname "$0")/run.sh" --numa --module null_blk 6.12
