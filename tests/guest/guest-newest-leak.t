#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What is never given back.
exec "$(dirname "$0")/run.sh" --name newest-leak --of pinlab,pinleak,pinleak-filter,pinleak-missed,pinleak-unmapped newest "$@"
