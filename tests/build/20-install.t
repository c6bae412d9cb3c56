#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install and uninstall put and remove what they should, where they are told to.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT

files()
{
	(cd "$1" && find . -type f | sort | tr '\n' ' ')
}

make -s install DESTDIR="$D/a" prefix=/usr
ok $? 'make install DESTDIR= prefix='
is "$(files "$D/a")" './usr/sbin/pinleak ./usr/sbin/pinscan ./usr/sbin/pinstat ./usr/sbin/pintop ./usr/sbin/pintrace ./usr/share/man/man5/pinleak.supp.5 ./usr/share/man/man5/pintrace.dat.5 ./usr/share/man/man8/pinleak.8 ./usr/share/man/man8/pinscan.8 ./usr/share/man/man8/pinstat.8 ./usr/share/man/man8/pintop.8 ./usr/share/man/man8/pintrace.8 ' \
	'the tools and their man pages'
is "$(stat -c %a "$D/a/usr/sbin/pintop" "$D/a/usr/share/man/man8/pintop.8" | tr '\n' ' ')" '755 644 ' 'modes'
is "$("$D/a/usr/sbin/pinstat" --version | cut -d' ' -f1)" pinstat 'an installed tool runs'

make -s install DESTDIR="$D/b" sbindir=/opt/bin mandir=/opt/man APP_PREFIX=x-
is "$(files "$D/b")" './opt/bin/x-pinleak ./opt/bin/x-pinscan ./opt/bin/x-pinstat ./opt/bin/x-pintop ./opt/bin/x-pintrace ./opt/man/man5/x-pinleak.supp.5 ./opt/man/man5/x-pintrace.dat.5 ./opt/man/man8/x-pinleak.8 ./opt/man/man8/x-pinscan.8 ./opt/man/man8/x-pinstat.8 ./opt/man/man8/x-pintop.8 ./opt/man/man8/x-pintrace.8 ' \
	'sbindir, mandir and APP_PREFIX'
touch "$D/b/opt/bin/other"
make -s uninstall DESTDIR="$D/b" sbindir=/opt/bin mandir=/opt/man APP_PREFIX=x-
is "$(files "$D/b")" './opt/bin/other ' 'make uninstall removes those and nothing else'
make -s install DESTDIR="$D/c"
is "$(cd "$D/c" && find . -name pinscan)" './usr/local/sbin/pinscan' 'the default is /usr/local'
done_testing
