#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is missing is installed, and apt is asked for nothing else, or not at all. Here apt and dpkg
# are stand-ins that write down what they are asked.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
mkdir "$D/bin"

# stand_in NAME: a program of that name, its text on stdin.
stand_in()
{
	{ echo '#!/bin/bash'; cat; } >"$D/bin/$1"
	chmod +x "$D/bin/$1"
}
stand_in dpkg-query <<-'END'
	package=${*: -1}
	[[ " $ABSENT " != *" $package "* ]] || { echo "no packages found matching $package" >&2; exit 1; }
	[[ " $REMOVED " != *" $package "* ]] || { echo config-files; exit; }
	echo installed
END
stand_in apt-get <<-'END'
	echo "$*" >>"$LOG"
	[ "$(wc -l <"$LOG")" -gt "$BROKEN" ]
END
stand_in sleep <<<':'
# shellcheck disable=SC2016 # the stand-in's own variable
stand_in id <<<'echo "$USER_ID"'
export LOG=$D/log ABSENT='' REMOVED='' BROKEN=0 USER_ID=0

# deps SET...: its status and what it says, both streams, in $said; what apt was asked in $asked.
deps()
{
	rm -f "$LOG"
	said=$(PATH=$D/bin:$PATH scripts/deps.sh "$@" 2>&1; echo "status $?")
	# Other words than options, and without those options' values.
	asked=$(sed -E 's/ ?-(o [^ ]+|[^ ]+)//g; s/^ //' "$LOG" 2>/dev/null)
}

deps build test guest
is "$said$asked" 'status 0' 'all is there: apt is not asked, and nothing is said'

ABSENT=clang REMOVED=tmux deps build test
is "$asked" $'update\ninstall clang tmux' 'one never was there, one has been removed: both, nothing else'
is "$said" $'deps: installing clang tmux\nstatus 0' 'and they are named'
like "$(cat "$LOG")" ' install -y --no-install-recommends ' 'without what they recommend'
ABSENT='perl tmux' deps test guest
is "$asked" $'update\ninstall perl tmux' 'what two sets need is asked for once'
ABSENT=tmux deps build
is "$said$asked" 'status 0' 'what no set needs is not asked for'

ABSENT=clang USER_ID=1000 deps build
is "$asked" '' 'without root: apt is not asked'
is "$said" $'deps: missing: clang; as root: apt-get install clang\nstatus 1' 'but what to do is said'
deps build games
is "$said$asked" $'deps: unknown set \'games\' (build, test, guest)\nstatus 1' 'an unknown set'

ABSENT=clang BROKEN=2 deps build
is "$asked" $'update\nupdate\nupdate\ninstall clang' 'a mirror that fails twice is asked three times'
like "$said" '^status 0$' 'and then gives what is wanted'
ABSENT=clang BROKEN=9 deps build
is "$asked" $'update\nupdate\nupdate' 'one that fails for ever is not asked for ever'
like "$said" '^status [1-9]' 'and is an error'

# sets GOAL: those that the goal asks for. With -n, make only says so.
sets()
{
	make -n "$1" 2>/dev/null | sed -n 's|^scripts/deps.sh ||p'
}
is "$(sets top)" build 'make top: what it takes to build'
is "$(sets check)" 'build test guest' 'make check: all'
is "$(sets check-guest)" guest 'make check-guest'
is "$(sets deps)" 'build test guest' 'make deps: all'
done_testing
