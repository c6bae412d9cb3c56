#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pintop: driven by keys in a real terminal (tmux), whose screen is read back; batch output and JSON
# held against what pinsim says that it has pinned; every option and every documented error.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
BIN=$(realpath "${PINSCOPE_BIN:-build/bin}")
PINSIM=$(realpath "${PINSIM:-build/tests/pinsim}")
PINTOP=$BIN/pintop
TMP=$(mktemp -d)
chmod 755 "$TMP"
TERMS=0
export TMUX_TMPDIR=$TMP
unset TMUX NO_COLOR LC_CTYPE LANG
export LC_ALL=C.UTF-8
SIMS=()

term()
{
	tmux -u -L "$TERMS" -f /dev/null "$@"
}

cleanup()
{
	term kill-server 2>/dev/null
	[ ${#SIMS[@]} -eq 0 ] || kill "${SIMS[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$TMP"
}
trap cleanup EXIT

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

has_content()
{
	[ -s "$1" ]
}

# sim PROGRAM ARGS...: in the background, until it says that it has pinned; its pid is in SIM
sim()
{
	local out=$TMP/sim.${#SIMS[@]}

	"$@" --quiet >"$out" 2>"$out.err" &
	SIMS+=($!)
	wait_for 60 has_content "$out"
	SIM=$(sed -n '1s/.*"pid":\([0-9]*\).*/\1/p' "$out")
	[ -n "$SIM" ]
}

# --- the terminal -------------------------------------------------------------------------------

screen()
{
	term capture-pane -p
}

on_screen()
{
	screen | grep -qE -- "$1"
}

not_on_screen()
{
	! on_screen "$1"
}

# shows REGEX NAME: within 20 seconds
shows()
{
	wait_for 20 on_screen "$1"
	local rc=$?

	ok $rc "$2"
	[ $rc -eq 0 ] || { echo "# not on the screen: $1"; screen | sed 's/^/# /'; }
}

shows_not()
{
	wait_for 20 not_on_screen "$1"
	local rc=$?

	ok $rc "$2"
	[ $rc -eq 0 ] || { echo "# still on the screen: $1"; screen | sed 's/^/# /'; }
}

keys()
{
	term send-keys "$@"
}

# start WIDTHxHEIGHT COMMAND: a shell that runs it, says its exit code, and how the terminal is left
start()
{
	# A server that is about to end refuses sessions: each terminal has one of its own.
	term kill-server 2>/dev/null
	TERMS=$((TERMS + 1))
	rm -f "$TMP"/stty.* "$TMP/rc"
	cat >"$TMP/run" <<-END
		stty -g >$TMP/stty.before
		$2
		echo \$? >$TMP/rc
		stty -g >$TMP/stty.after
		echo the shell again
		exec sleep 1000
	END
	term new-session -d -x "${1%x*}" -y "${1#*x}" "bash $TMP/run"
}

# ended RC NAME: with this exit code, and the terminal is as it was
ended()
{
	wait_for 20 has_content "$TMP/stty.after"
	is "$(cat "$TMP/rc")" "$1" "$2: exit code"
	is "$(cat "$TMP/stty.after")" "$(cat "$TMP/stty.before")" "$2: terminal settings are back"
	wait_for 20 on_screen 'the shell again'
	is "$(term display-message -p '#{alternate_on} #{cursor_flag}')" "0 1" \
		"$2: the screen before and the cursor are back"
}

# No line of the screen is wider than it, or tmux would have wrapped it into the next.
resize()
{
	term resize-window -x "${1%x*}" -y "${1#*x}"
}

sim "$PINSIM" uring-memfd --pages 2003 --name guest-ram || {
	echo '1..0 # SKIP nothing can be pinned here'
	exit
}
RAM=$SIM
EVIL=$TMP/$(printf 'ev\033[31mil\007\302\233x')
cp "$PINSIM" "$EVIL"
sim "$EVIL" uring-anon --pages 1009
ANON=$SIM
sim "$PINSIM" uring-anon --pages 503 --unmap
GONE=$SIM

start 80x24 "$PINTOP --source scan -d 0.2"
shows "^pintop - Linux $(uname -r | cut -c1-20).* scan [0-9.]+s ago, [0-9.]+ ms\$" \
	'title: kernel, source, age, cost'
shows '^Pinned +1[34]\.[0-9]M of [0-9.]+[GT] +Pins +3515 +In flight +3515$' \
	'totals, and the kernel agrees'
shows '^Unmapped +2\.0M, 503 pins' 'unmapped memory in the header'
shows 'Movable +[0-9.]+.* CMA +' 'movable and CMA in the header'
shows '^Nodes +node0 [0-9.]+M' 'the split by node'
shows '^ +PID USER +COMMAND +PINS PINNED CHANGE +PEAK +HISTORY WHAT' 'titles of the columns'
shows "^ +$RAM root +pinsim +2003 +7\.8M +0 +7\.8M [ ▁▂▃▄▅▆▇]{8} memfd" 'the memfd'"'"'s process'
shows "^ +$ANON root +ev\?\[31mil\?\?x? +1009 +3\.9M" 'a name without its control characters'
shows '^ +- - +\(unmapped\) +503 +2\.0M' 'the row of unmapped memory'
shows 'F1Help F3Search F4Filter uUser F6Sort EnterDetails vView SpacePause F10Quit' 'the keys'
shows '[▁▂▃▄▅▆▇]{8} memfd' 'the history grows'
is "$(screen | grep -n 'pinsim.*2003' | cut -d: -f1)" "$(($(screen | grep -n ' PID USER' |
	cut -d: -f1) + 1))" 'largest first'

# --- order --------------------------------------------------------------------------------------

# first REGEX NAME: is, or becomes, the first row of the table
first_is()
{
	screen | grep -A1 -E '^ *(PID|CGROUP|FILE|NODE) ' | sed -n 2p | grep -qE -- "$1"
}

first()
{
	wait_for 20 first_is "$1"
	local rc=$?

	ok $rc "$2"
	[ $rc -eq 0 ] || screen | sed 's/^/# /'
}

keys I
first " $ANON " 'I inverts the order'
keys I
first " $RAM " 'and back'
keys N
shows 'by PID, every' 'N sorts by PID'
first " $(printf '%s\n' "$RAM" "$ANON" | sort -n | head -1) " 'lowest PID first'
keys P
shows 'by PINS, every' 'P sorts by PINS'
keys M
shows 'by PINNED, every' 'M sorts by PINNED'
keys '>'
shows 'by CHANGE, every' '> goes to the next column'
keys '<' '<'
shows 'by PINS, every' '< goes to the column before'
keys F6
shows '^Sort by$' 'F6 opens a list'
shows '^MEMLOCK +RLIMIT_MEMLOCK' 'the list says what each column is'
keys Home Down Down Down Enter
shows 'by COMMAND, every' 'a column is chosen from the list'
first " $ANON " 'sorted by COMMAND'
keys F6
shows '^Sort by$' 'F6 once more'
keys q
shows_not '^Sort by$' 'q closes the list'
keys M
keys Right Right Right Right Right Right Right Right Right Right
shows '^ +PID COMMAND.* VmPin +VmLck' 'columns further to the right'
keys Left Left Left Left Left Left Left Left Left Left
shows '^ +PID USER +COMMAND' 'and back'

# --- search and filter --------------------------------------------------------------------------

keys Home /
shows '^Search: *$' '/ asks what to search for'
keys unmapped
shows '^Search: unmapped' 'what is typed is shown'
keys Enter
shows 'F1Help' 'Enter keeps the row'
keys Enter
shows '^\(unmapped\): pinned memory that no process maps' 'the row that was found is selected'
shows "^ +$GONE root +pinsim +1 +[0-9]+ +2\.0M io_uring" 'its details name who could hold it'
shows '^ +4\.0K +503 +2\.0M' 'its details have the folio sizes'
keys q
keys F3
keys 'no such thing'
shows '^Search: no such thing +\(not found\)' 'a search that finds nothing says so'
keys C-u
shows '^Search: *$' 'Ctrl-U empties the line'
keys Escape
keys '\'
keys guest
shows '^1 of 2 shown \(filter "guest"\); totals are the whole machine' 'a filter says what it hides'
shows_not " $ANON " 'other rows are hidden'
shows '\(unmapped\)' 'unmapped memory is not hidden'
shows 'Pins +3515' 'totals stay'
keys Enter
shows 'F1Help' 'Enter keeps the filter'
shows '^1 of 2 shown' 'it is still there'
keys F4 C-u nothing
shows 'No row fits the filter' 'a filter that nothing fits'
keys Escape
shows_not 'shown \(filter' 'Esc drops the filter'
shows " $ANON " 'all rows are back'
keys u
shows '^Show processes of$' 'u lists the users'
keys Down Enter
shows '^2 of 2 shown \(user root\)' 'a user is chosen'
keys u Home Enter
shows_not 'shown \(user' 'all users again'

# --- details, views, pause ----------------------------------------------------------------------

keys Home Enter
shows "^pinsim\[$RAM\], user root" 'details of a process'
shows '^MAPPING +PERM LENGTH PINNED +PINS NAME' 'its mappings'
shows '^[0-9a-f]+-[0-9a-f]+ rw-. +7\.8M +7\.8M +2003 memfd:guest-ram' 'the memfd that is pinned'
shows '^ +4\.0K +2003 +7\.8M  █' 'its folio sizes'
shows '^RLIMIT_MEMLOCK' 'its limit'
keys Escape
shows_not '^MAPPING' 'Esc goes back'
keys v
shows '\[cgroup\]' 'v: by cgroup'
shows 'No views by driver and site with --source scan' 'v: says what it passes over'
shows_not ' driver +site ' 'views that need live events are not there'
shows '^CGROUP +PINS PINNED' 'columns of cgroups'
keys v
shows '\[file\]' 'v: by file'
shows '^.*guest-ram +2003 +7\.8M .*pinsim' 'the file, and who maps it'
keys u
shows 'Only the view by process knows users' 'u has no sense here, and says so'
keys v
shows '\[node\]' 'v: by node'
shows '^node0 +3515 ' 'the node'
keys Enter
shows '^Owners +pinsim' 'details of a group'
keys q v
shows '\[process\]' 'v: by process again'
keys Space
shows 'PAUSED' 'space pauses'
sim "$PINSIM" uring-anon --pages 101
shows 'PAUSED +scan [1-9]\.[0-9]s ago' 'the age grows'
ok "$(on_screen " $SIM "; echo $((!$?)))" 'nothing new while it is paused'
keys r
shows " $SIM root +pinsim +101 .*\+404K" 'r scans even so, and the change is shown'
keys Space
shows_not 'PAUSED' 'space goes on'
kill "$SIM"
shows_not " $SIM " 'a process that has exited leaves the table'
keys +
shows 'A refresh every 0.5 seconds' '+ makes the delay longer'
keys - -
shows 'A refresh every 0.1 seconds' '- makes it shorter'
keys -
shows 'A refresh every 0.1 seconds' 'as far as it goes'
keys i
shows '^Scans +[0-9]+, skipped' 'i: information'
shows '^CPU time' 'i: what pintop costs'
keys q

# --- help: the same table as the bindings, and as the man page -----------------------------------

keys h
shows '^F1 h \? +this help' 'h: help'
keys q
resize 120x150
keys F1
shows '^Columns of view node' 'F1: help, all of it on a large screen'
MAN=$(mandoc -Tascii -Owidth=100 man/pintop.8 2>/dev/null | col -b)
screen | sed -n '/^Keys/,/^Keys while/s/^\([^ ]\(.*[^ ]\)\?\)  \+.*/\1/p' >"$TMP/keys"
is "$(wc -l <"$TMP/keys")" "$(grep -c '{ ACT_' tools/pintop/tui_keys.c)" \
	'help has every binding'
missing=$(while read -r key; do
	grep -qF -- "     $key" <<<"$MAN" || echo "$key"
done <"$TMP/keys")
is "$missing" '' 'every key of the help stands in the man page'
keys q

# --- sizes --------------------------------------------------------------------------------------

resize 20x10
shows '^ +PID COMM.* PINNED$' '20x10: columns'
shows "^ +$RAM pins.* +7\.8M\$" '20x10: the row'
shows ' [0-9.]+s$' '20x10: the age'
resize 20x5
shows '^1[0-9]\.[0-9]M pinned +[0-9.]+s$' '20x5: total and age in one line'
shows "^ +$RAM " '20x5: a row'
resize 1x1
resize 3x2
resize 300x3
shows '^1[0-9]\.[0-9]M pinned .* scan [0-9.]+s ago' '300x3'
shows 'MOVABLE .* VmPin +VmLck MEMLOCK WHAT' '300x3: all columns'
resize 40x9
keys Enter
shows '^Pinned +7\.8M in 2003 folios' '40x9: details'
keys End
shows '^shmem ' 'End goes to the end of them'
keys Home
shows '^Pinned ' 'Home to the begin'
keys q
resize 80x24
shows '^Pinned .* In flight +3515$' '80x24 again'
keys q
ended 0 'q'

# --- how it ends --------------------------------------------------------------------------------

for signal in TERM INT HUP; do
	start 80x24 "$PINTOP"
	shows 'F1Help' "$signal: it runs"
	kill -$signal "$(pgrep -f -n "^$PINTOP")"
	ended 0 "SIG$signal"
done
start 80x24 "$PINTOP"
shows 'F1Help' 'Ctrl-C: it runs'
keys C-c
ended 0 'Ctrl-C'
start 80x24 "$PINTOP -n 2 -d 0.1"
ended 0 '-n 2'

# --- without Unicode, without colours -----------------------------------------------------------

start 80x24 "LC_ALL=C $PINTOP --source scan -d 0.1"
shows '[#]{8} memfd:gue\+' 'LC_ALL=C: ASCII bars and marks'
is "$(screen | LC_ALL=C grep -c '[^ -~]')" 0 'LC_ALL=C: nothing but ASCII'
colours()
{
	term capture-pane -p -e | grep -cE "$(printf '\033')\\[([0-9;]*;)?[34][0-7][;m]"
}
ok "$([ "$(colours)" -gt 0 ]; echo $?)" 'colours'
keys q
for how in "NO_COLOR=1 $PINTOP" "$PINTOP -C" "$PINTOP --no-color"; do
	start 80x24 "$how"
	shows 'F1Help' "$how: it runs"
	is "$(colours)" 0 "${how#*/pintop}: no colours"
	keys q
done
start 80x24 "NO_COLOR= $PINTOP --source scan --view file"
shows '^FILE ' '--view on the screen'
ok "$([ "$(colours)" -gt 0 ]; echo $?)" 'an empty NO_COLOR says nothing'
keys F10
ended 0 'F10'
term kill-server

# --- batch and JSON -----------------------------------------------------------------------------

# What a scan says; where live events are to be had, guests say what those do.
scanning()
{
	"$PINTOP" --source scan "$@"
}
out=$(scanning -b -n 3 -d 0.1 2>"$TMP/err")
is "$(grep -c '^pintop - Linux' <<<"$out")" 3 '-b -n 3: three tables'
like "$out" '^In flight 3515$' '-b: the kernel'"'"'s count'
like "$out" "^ *$RAM root +pinsim +2003 +7\.8M +0 +7\.8M .* memfd:guest-ram\$" '-b: a row'
like "$out" "^ *$ANON root ev\?\[31mil\?\?x?.* 1009 " '-b: no control characters'
is "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" <<<"$out")" 0 '-b: none at all'
cost='[0-9.]+ s of CPU time in [0-9.]+ s \([0-9.]+ % of a core\), [0-9]+ scans?, [0-9]+ skipped'
like "$(cat "$TMP/err")" "^pintop: cost: $cost\$" '-b: its own cost on standard error'
# cost FIELD
cost()
{
	sed -n "s/.* \([0-9]*\) $1.*/\1/p" "$TMP/err"
}
is "$(($(cost "scans\?") + $(cost skipped)))" 3 'each refresh scans or skips'
scanning --batch --iterations 4 --delay 0.1 --max-age 0 >/dev/null 2>"$TMP/err"
is "$(cost "scans\?") $(cost skipped)" '4 0' '--max-age 0 always scans'
scanning -b -n 3 -d 0.1 -p $$ 2>/dev/null | grep -q '0 of 2 shown (pid '
ok $? 'a filter says in batch, too, what it hides'
# pids OPTIONS...: of the rows, in their order
pids()
{
	scanning -b -n 1 "$@" 2>/dev/null | awk '$2 == "root" { print $1 }'
}
is "$(pids -s pid)" "$(printf '%s\n' "$RAM" "$ANON" | sort -n)" '-s pid'
is "$(pids --sort PINNED -p "$ANON,$RAM")" "$(printf '%s\n' "$RAM" "$ANON")" '--sort, -p with two'
is "$(pids --pid "$ANON")" "$ANON" '--pid'
for u in root 0; do
	is "$(scanning -b -n 1 -u $u 2>/dev/null | grep -c "^ *\($RAM\|$ANON\) ")" 2 "-u $u"
done
like "$(scanning -b -n 1 --user 65534 2>/dev/null)" '0 of 2 shown \(user' '--user'
like "$(scanning -b -n 1 --view node 2>/dev/null)" '^node0 +3515 ' '--view node'

cat >"$TMP/valid.py" <<'END'
import json, jsonschema, sys
schema = json.load(open("docs/schema/pintop.schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
lines = [json.loads(line) for line in sys.stdin]
for line in lines:
    jsonschema.validate(line, schema)
d = lines[-1]
print(len(lines), eval(sys.argv[1]))
END
# json EXPRESSION OPTIONS...: "lines value", the schema is checked as well
json()
{
	local what=$1

	shift
	scanning "$@" 2>"$TMP/err" | /usr/bin/python3 "$TMP/valid.py" "$what"
}
is "$(json '{p["pid"]: p["pins"] for p in d["processes"]}' -j -n 2 -d 0.1)" \
	"2 {$RAM: 2003, $ANON: 1009}" '-j: pins of each process'
is "$(cat "$TMP/err")" '' '-j: nothing on standard error'
is "$(json 'd["total"]["pins"], d["kernel"]["in_flight"], d["unmapped"]["pins"]' --json -n 1)" \
	'1 (3515, 3515, 503)' '-j: totals'
is "$(json 'd["total"]["pinned_bytes"] == 3515 * 4096' -j -n 1)" '1 True' '-j: bytes'
is "$(json 'd["processes"][0]["comm"][:10]' -j -n 1 -p "$ANON")" '1 ev?[31mil?' '-j: a clean name'
is "$(json 'd["hidden_rows"], d["total"]["pins"]' -j -n 1 -p "$ANON")" '1 (1, 3515)' \
	'-j: what is hidden, and totals without a filter'
for view in cgroup file node; do
	is "$(json 'sum(g["pins"] for g in d["groups"])' -j -n 1 --view $view)" '1 3515' \
		"-j: view $view"
done
is "$(json 'd["total"]["pins"]' -j -n 1 -t 4)" '1 3515' '-t 4'
is "$(json 'd["total"]["pins"]' -j -n 1 --threads 2)" '1 3515' '--threads 2'
is "$(json 'd["total"]["pins"]' -j -n 1 --btf /sys/kernel/btf/vmlinux)" '1 3515' '--btf'
is "$(json 'd["age_seconds"] < 60' -j -n 3 -d 0.1 --max-age 60)" '3 True' '--max-age'

# A signal ends batch mode, and its cost is still told.
"$PINTOP" --source scan -b -d 3600 >"$TMP/out" 2>"$TMP/err" &
job=$!
wait_for 20 has_content "$TMP/out"
kill -TERM $job
wait $job
is $? 0 '-b and SIGTERM: exit code'
like "$(cat "$TMP/err")" ' 1 scan, 0 skipped' '-b and SIGTERM: its cost'
scanning -b -d 0.1 2>/dev/null | head -1 >/dev/null
is "${PIPESTATUS[0]}" 0 'a reader that has seen enough'

# --- live events, or why there are none ---------------------------------------------------------

"$PINTOP" --features >"$TMP/features" 2>"$TMP/err"
traced=$?
like "$(cat "$TMP/features")" '^unpin_user_pages +(fentry|kprobe|cannot be attached)' '--features: unpin'
like "$(cat "$TMP/features")" '^struct page +(direct loads|copied)' '--features: how struct page is read'
is "$(grep -cvE ' (fentry|kprobe.*|not in this kernel|cannot be attached.*|told from.*|direct loads.*|copied.*)$' \
	"$TMP/features")" 0 '--features: no other line'
if [ $traced -eq 0 ]; then
	like "$("$PINTOP" -b -n 1 --ledger-memory 64M 2>/dev/null)" '^Events +[0-9]+ by (fentry|kprobe)' \
		'live events where they are to be had'
	"$PINTOP" -j -n 1 --source events 2>/dev/null | /usr/bin/python3 "$TMP/valid.py" \
		'd["source"], d["live"]["difference"] in (0, None), d["why_scan"]' >"$TMP/out"
	is "$(cat "$TMP/out")" "1 ('events', True, None)" '-j: live events'
else
	is $traced 2 '--features: exit code where nothing can be seen'
	is "$(wc -l <"$TMP/err")" 1 '--features: says so in one line'
	why=$(sed 's/^pintop: //' "$TMP/err")
	out=$("$PINTOP" -b -n 1 --ledger-memory 64M 2>"$TMP/err")
	is $? 0 'without live events: a scan does'
	like "$out" '^Source +scan, no live events: .' 'without live events: the header says why'
	like "$out" "^ *$RAM root +pinsim +2003 " 'without live events: rows'
	is "$(grep -cxF "pintop: no live events, so a scan: $why" "$TMP/err")" 1 \
		'without live events: one line on standard error says why'
	out=$("$PINTOP" -b -n 1 --source auto 2>&1)
	like "$out" 'no live events' '--source auto is the default'
	"$PINTOP" -b -n 1 --source events >"$TMP/out" 2>"$TMP/err"
	is $? 2 '--source events: exit code'
	is "$(wc -l <"$TMP/err") $(wc -c <"$TMP/out")" '1 0' '--source events: one line'
	"$PINTOP" -j -n 1 2>/dev/null | /usr/bin/python3 "$TMP/valid.py" \
		'd["live"], len(d["why_scan"]) > 9, d["source"]' >"$TMP/out"
	is "$(cat "$TMP/out")" "1 (None, True, 'scan')" '-j: why there are no live events'
	for option in '--view driver' '-s oldest' '--driver x'; do
		# shellcheck disable=SC2086 # an option and its argument
		"$PINTOP" -b -n 1 $option >"$TMP/out" 2>"$TMP/err"
		is $? 2 "$option without live events: exit code"
		like "$(cat "$TMP/err")" 'needs live events: ' "$option without live events: why"
	done
fi
out=$("$PINTOP" -b -n 1 --cgroup / 2>"$TMP/err")
like "$out" '^Source +scan, no live events: of what is charged to a cgroup' '--cgroup: by scan'
is "$(grep -c 'no live events' "$TMP/err")" 0 '--cgroup: nothing on standard error'
is "$(json 'd["source"], d["why_scan"], d["live"]' -j -n 1)" "1 ('scan', None, None)" \
	'-j --source scan: nothing to explain'

# --- help, version, errors ----------------------------------------------------------------------

help=$("$PINTOP" --help)
is $? 0 '--help'
is "$("$PINTOP" -h)" "$help" '-h'
like "$("$PINTOP" -V)" '^pintop [0-9]' '-V'
is "$("$PINTOP" --version)" "$("$PINTOP" -V)" '--version'
for option in $(grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+'); do
	grep -qE "^\.It Fl (. , )?-${option#--}( |\$)" man/pintop.8
	ok $? "$option stands in the man page"
done
is "$(grep -oE '^\.It Fl [a-zA-Z-]+' man/pintop.8 | wc -l)" \
	"$(grep -cE '^ +(-[a-zA-Z], )?--' <<<"$help")" 'and no other does'
"$PINTOP" -s help >"$TMP/columns"
is $? 0 '-s help'
is "$(cut -d' ' -f1 "$TMP/columns" | sort -u | while read -r c; do
	grep -q "^\.It $c\$" man/pintop.8 || echo "$c"
done)" '' 'every column stands in the man page'
while read -r column title rest; do
	view=process
	case "$title $rest" in
	*'(view driver'*) view=driver ;;
	*'(view site'*) view=site ;;
	CGROUP* | OWNERS*) view=cgroup ;;
	FILE*) view=file ;;
	NODE* | MEMORY*) view=node ;;
	esac
	case $rest in
	*'live events)')
		"$PINTOP" --source scan -b -n 1 -s "$column" --view $view 2>"$TMP/err"
		is "$?" 1 "-s $column, view $view by scan: exit code"
		like "$(cat "$TMP/err")" '^pintop: the (view|column) .* needs live events' \
			"-s $column, view $view by scan: says why"
		continue
		;;
	esac
	"$PINTOP" --source scan -b -n 1 -s "$column" --view $view 2>/dev/null | grep -qE "(^| )$title( |\$)"
	ok $? "-s $column, view $view: $rest"
done <"$TMP/columns"
is "$(mandoc -Tlint -Wwarning man/pintop.8 2>/dev/null)" '' 'mandoc has nothing to say'

# fails RC REGEX OPTIONS...: with one line on standard error and nothing on standard output
fails()
{
	local rc=$1 say=$2

	shift 2
	"$PINTOP" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	is "$?" "$rc" "pintop $*: exit code"
	like "$(cat "$TMP/err")" "^pintop: .*$say" "pintop $*: says why"
	is "$(wc -l <"$TMP/err") $(wc -c <"$TMP/out")" '1 0' "pintop $*: in one line"
}
fails 1 'not a terminal; use --batch'
fails 1 "PID must be a number from 1, not 'x'" -p x
fails 1 "PID must be a number" -p "$RAM,"
fails 1 "NAME of --comm is empty" -c ''
fails 1 "cannot find cgroup '/no/such'" --cgroup /no/such
fails 1 'there is no process 999999999' -p 999999999
fails 1 "there is no user 'no-such-user'" -u no-such-user
fails 1 "no column 'bogus' to sort by" -s bogus
fails 1 "no column 'pid' to sort by" -s pid --view node
fails 1 "VIEW must be process, driver, site, cgroup, file or node" --view zone
fails 1 'are for the view by process' --view file -u root
fails 1 'are for the view by process' --view node -c pinsim
fails 1 'are for the view by process' --view site -c pinsim
fails 1 'driver is for the views by process, driver and site' --view node --driver x
fails 1 'NAME of --driver is empty' --driver ''
fails 1 "SOURCE must be auto, events or scan, not 'x'" --source x
fails 1 'the view by site needs live events, not --source scan' -b --source scan --view site
fails 1 'the column OLDEST needs live events, not --source scan' -b --source scan -s oldest
fails 1 '--driver needs live events, not --source scan' -b --source scan --driver x
fails 1 '--driver needs live events, not --cgroup' -b --cgroup / --driver x
fails 1 '--cgroup is not for --source events' -b --cgroup / --source events
fails 1 'ledger-memory must be from 64K to 64G' --ledger-memory 63K
fails 1 'delay must be seconds from 0.1 to 3600' -d 0.01
fails 1 'delay must be seconds' -d 3601
fails 1 'number of refreshes' -n 0
fails 1 'number of threads must be from 1 to 64' -t 65
fails 1 'max-age must be seconds' --max-age x
fails 1 "unexpected argument 'foo'" foo
fails 1 'unknown option -Q' -Q
fails 1 'option --sort needs COLUMN' -s
fails 2 '/nonexistent: No such file' -b --btf /nonexistent
setpriv --reuid 65534 --clear-groups true 2>/dev/null && cp "$PINTOP" "$TMP/pintop" &&
	setpriv --reuid 65534 --clear-groups "$TMP/pintop" -b -n 1 >"$TMP/out" 2>"$TMP/err"
is $? 2 'without privilege: exit code'
like "$(cat "$TMP/err")" '^pintop: .*missing .*CAP_BPF' 'without privilege: names what is missing'
"$PINTOP" -b -n 1 2>"$TMP/err" >&-
is $? 1 'closed standard output: exit code'
like "$(cat "$TMP/err")" '^pintop: cannot write to standard output' 'closed standard output: why'
"$PINTOP" -j -n 1 2>"$TMP/err" >/dev/full
is $? 1 'full disk: exit code'

for t in dumb no-such-terminal ''; do
	start 80x24 "TERM='$t' $PINTOP 2>$TMP/err"
	wait_for 20 has_content "$TMP/rc"
	is "$(cat "$TMP/rc")" 1 "TERM='$t': exit code"
	like "$(cat "$TMP/err")" '^pintop: .*TERM.*--batch' "TERM='$t': says what to do"
	is "$(wc -l <"$TMP/err")" 1 "TERM='$t': in one line"
done

done_testing
