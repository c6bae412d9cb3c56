# SPDX-License-Identifier: GPL-2.0
# The mark of a warning, without a word on the console.
echo 512 >/proc/sys/kernel/tainted
