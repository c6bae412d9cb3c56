#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shell.sh [OPTIONS OF run.sh]    a shell in a guest; "make guest-shell" calls it
#
# The tools, the tests and what these need are in it. From the environment, each may be empty: KERNEL
# (newest), VMLINUZ, MODULES and T as for check.sh, O.

set -eu -o pipefail
cd "$(dirname "$0")/../.."
export O=${O:-build}

tests/guest/build-tools.sh amd64 "$O/static"
if [ -n "${VMLINUZ-}" ]; then
	set -- --vmlinuz "$VMLINUZ" ${MODULES:+--modules "$MODULES"} "$@"
else
	set -- "$@" "${KERNEL:-newest}"
fi
exec tests/guest/run.sh --shell --name shell "$@" ${T:+"$T"}
