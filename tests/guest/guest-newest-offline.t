#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory that goes away and comes back: the other tests need huge pages after theirs.
exec "$(dirname "$0")/run.sh" --name newest-offline --of offline newest "$@"
