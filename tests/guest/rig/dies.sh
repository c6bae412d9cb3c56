# SPDX-License-Identifier: GPL-2.0
ok 0 'dies'
kill -KILL $$
