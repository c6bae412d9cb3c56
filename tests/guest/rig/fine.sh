# SPDX-License-Identifier: GPL-2.0
ok 0 'all is well'
