# SPDX-License-Identifier: GPL-2.0
# Packages of other suites and architectures without touching the machine's own apt: source it after
# defining say() and die(). The mirror, the keyring and the proxy come from the machine's own
# configuration.

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

# private_apt DIR ARCH SUITE...: from here on, in this shell, apt-get and apt-cache know the packages
# of these suites for ARCH, and nothing of what is installed. Lists and packages are kept in DIR.
private_apt()
{
	local work=$1 arch=$2 main security uri from suite rel='(bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)'

	main=$(source_of "$rel")
	[ -n "$main" ] || die "no Debian source among this machine's apt sources"
	security=$(source_of "$rel-security")
	[ -n "$security" ] || security="${main/%\/ */-security} ${main#* }"

	rm -rf "${work:?}/etc"
	mkdir -p "$work"/{etc/sources.list.d,lists/partial,cache/archives/partial}
	: >"$work/status"
	shift 2
	for suite in "$@"; do
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
	retry apt-get -qq --error-on=any update >&2
}
