# SPDX-License-Identifier: GPL-2.0
# needs: pinlab time=200 alone
# A long-term pin in ZONE_MOVABLE, for guests that have one: found by its rule alone. What leaves that
# zone for its pin is right.

movable_zone
ok $? 'the guest has a ZONE_MOVABLE' || return
wrong longterm-in-movable pinned movable
audited "$(held hold)"
is "$rc $(broken /tmp/audited)" '0 ' 'hold: nothing is found' || explain_failure
