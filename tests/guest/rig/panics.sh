# SPDX-License-Identifier: GPL-2.0
ok 0 'about to panic'
echo c >/proc/sysrq-trigger
