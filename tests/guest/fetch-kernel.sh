#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch-kernel.sh [--arch ARCH] NAME    fetch a stock Debian kernel, print the directory it is in
#
# NAME is 6.1, 6.12, newest, or 7.X (for as long as Debian has it). The directory holds vmlinuz and
# lib/modules/VERSION. Nothing of the machine's own apt is changed: the mirror, the keyring and the
# proxy come from its configuration; lists and packages go into ~/.cache/pinscope.

set -eu -o pipefail

MAX_AGE_DAYS=${PINSCOPE_KERNEL_AGE:-7}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope

say()
{
	echo "fetch-kernel: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# Up to three times, because mirrors have bad minutes.
retry()
{
	local try
	for try in 1 2 3; do
		"$@" && return
		[ $try = 3 ] || { say "failed, again in $((try * 10)) s: $*"; sleep $((try * 10)); }
	done
	return 1
}

usage()
{
	sed -n '4,8s/^# \?//p' "$0"
	exit "$1"
}

arch=
while [ $# -gt 0 ]; do
	case $1 in
	--arch) arch=${2:?--arch wants one}; shift 2 ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) break ;;
	esac
done
[ $# = 1 ] || usage 1 >&2
name=$1
arch=${arch:-$(dpkg --print-architecture)}

# Suites, and the packages whose newest is wanted. From 7.2 on linux-image-* holds nothing itself.
case $name in
6.1)	suites='bookworm bookworm-security'
	regex="^linux-image-6\.1\.0-[0-9]+-$arch-unsigned$" ;;
6.12)	suites='bookworm-security'
	regex="^linux-image-6\.12\.[0-9]+\+deb12-$arch-unsigned$" ;;
newest)	suites='trixie-backports'
	regex="^linux-binary-unsigned-[0-9.]+\+deb13-$arch$" ;;
7.[0-9] | 7.[0-9][0-9])
	suites='trixie-backports'
	regex="^linux-binary-unsigned-${name/./\\.}\.[0-9]+\+deb13-$arch$" ;;
*)	die "no such kernel: $name (6.1, 6.12, newest)" ;;
esac

work=$cache/apt/$name-$arch
kernels=$cache/kernels/$arch
mkdir -p "$work" "$kernels"

# One at a time per kernel; the lock goes away with the process.
exec 9>"$work/lock"
flock 9

# The answer of last time, if what it names is still there.
known()
{
	[ -s "$work/resolved" ] && dir=$(cat "$work/resolved") && [ -s "$dir/vmlinuz" ]
}

if known && [ -n "$(find "$work/resolved" -mtime "-$MAX_AGE_DAYS")" ]; then
	echo "$dir"
	exit
fi

# source_of REGEX: "URI FILE:N" of the first apt source of this machine whose suite matches.
source_of()
{
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI) $(SOURCESENTRY)' \
		'Created-By: Packages' |
	awk -v re="^($1)\$" '$1 ~ re && !n++ { print $2, $3 }'
}

# entry FILE:N: the text of a source: a line of a list, or a stanza where apt counts no comments.
entry()
{
	case $1 in
	*.sources:*) grep -v '^#' "${1%:*}" | awk -v RS= -v n="${1##*:}" 'NR == n' ;;
	*) sed -n "${1##*:}p" "${1%:*}" ;;
	esac
}

# The keyring that the source names; else Debian's own, which signs every suite asked for here.
keyring_of()
{
	local key
	for key in $(entry "$1" | grep -ioE 'signed-by *[:=] *[^] ,]+' | sed 's/.*[:=] *//') \
		/usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		[ ! -f "$key" ] || { echo "$key"; return; }
	done
	die "no keyring for Debian's archive: install debian-archive-keyring"
}

configure()
{
	local main security uri from suite rel='(bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)'

	main=$(source_of "$rel")
	[ -n "$main" ] || die "no Debian source among this machine's apt sources"
	security=$(source_of "$rel-security")
	[ -n "$security" ] || security="${main/%\/ */-security} ${main#* }"

	rm -rf "${work:?}/etc"
	mkdir -p "$work"/{etc/sources.list.d,lists/partial,cache/archives/partial}
	: >"$work/status"
	for suite in $suites; do
		case $suite in
		*-security) read -r uri from <<<"$security" ;;
		*) read -r uri from <<<"$main" ;;
		esac
		printf '%s\n' 'Types: deb' "URIs: $uri" "Suites: $suite" 'Components: main' \
			"Signed-By: $(keyring_of "$from")" ''
	done >"$work/etc/sources.list.d/pinscope.sources"

	# The machine's way to the network (proxies and the like), and directories of our own.
	{
		apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' || true
		cat <<-EOC
			Acquire::Languages "none";
			Acquire::Retries "3";
			Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Sandbox::User "root";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::main "/dev/null";
			Dir::Etc::sourcelist "/dev/null";
			Dir::Etc::sourceparts "$work/etc/sources.list.d";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::State "$work";
			Dir::State::status "$work/status";
			Dir::Cache "$work/cache";
		EOC
	} >"$work/etc/apt.conf"
	export APT_CONFIG=$work/etc/apt.conf
}

# Sets image, version, packages and dir.
resolve()
{
	configure
	retry apt-get -qq --error-on=any update >&2
	image=$(apt-cache pkgnames | grep -E "$regex" | sort -V | tail -n 1) ||
		die "no package matches $regex in $suites"
	version=$(apt-cache show --no-all-versions "$image" | sed -n 's/^Version: //p')
	packages=$image
	# From 7.2 on the modules come apart, and modules.builtin and the like once more.
	case $image in
	linux-binary-*)
		packages="$image ${image/binary-unsigned/modules} ${image/binary-unsigned/base}" ;;
	esac
	dir=$kernels/$version
}

# Built aside and renamed, so that an interrupted run leaves nothing that looks complete.
unpack()
{
	local new=$kernels/.new-$name deb ver kernel

	say "fetching $packages ($version)"
	rm -rf "$new"
	mkdir -p "$new"/{deb,root,lib/modules}
	cd "$new/deb"
	# shellcheck disable=SC2086 # a list
	retry apt-get -qq download $packages >&2
	cd "$new"
	for deb in deb/*.deb; do
		dpkg-deb -x "$deb" root
	done
	# Where /lib and /usr/lib are one, packages use either.
	for ver in root/{usr/,}lib/modules/*; do
		[ ! -d "$ver" ] || cp -al "$ver" lib/modules/
	done
	ver=$(ls lib/modules)
	for kernel in root/boot/vmlinuz-* "lib/modules/$ver"/vmlinuz*; do
		[ ! -s "$kernel" ] || ln -f "$kernel" vmlinuz
	done
	[ -s vmlinuz ] || die "no kernel in $packages"
	depmod -b . "$ver"
	rm -rf deb root
	mv -T "$new" "$dir"
}

# In a subshell with its own -e: as a condition the functions would run on after an error.
set +e
(
	set -e
	resolve
	[ -s "$dir/vmlinuz" ] || unpack
	echo "$dir" >"$work/resolved.new"
	mv "$work/resolved.new" "$work/resolved"
)
failed=$?
set -e
if ! known; then
	die "cannot get a kernel $name for $arch"
elif [ $failed != 0 ]; then
	say "using what was fetched before: $dir"
fi
echo "$dir"
