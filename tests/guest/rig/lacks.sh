# SPDX-License-Identifier: GPL-2.0
# needs: modules=no_such_module
ok 0 'runs'
