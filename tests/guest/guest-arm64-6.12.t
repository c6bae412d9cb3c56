#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What pins without a device: the tools for arm64, on its stock kernel.
exec "$(dirname "$0")/run.sh" --of pintop-live,scan arm64-6.12 "$@"
