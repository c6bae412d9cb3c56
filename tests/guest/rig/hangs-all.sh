# SPDX-License-Identifier: GPL-2.0
# needs: time=1000
# The guest lets it hang: the host must not.
echo 'about to hang' >/dev/console
sleep 1000
