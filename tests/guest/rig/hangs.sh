# SPDX-License-Identifier: GPL-2.0
# needs: time=3
sleep 1000
