# SPDX-License-Identifier: GPL-2.0
is 1 2 'one is two'
ok 0 'and goes on'
echo 'words on the console' >/dev/console
