#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pinstat: every option, every documented error, its forms for machines, its manners.
# Needs no root; as root it tries more.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=../lib/tap.sh
. "$here/../lib/tap.sh"

pinstat=${PINSCOPE_BIN:-$top/build/bin}/pinstat
schema=$top/docs/schema/pinstat.schema.json
man=$top/man/pinstat.8
python=/usr/bin/python3
tmp=$(mktemp -d) || exit 1
# A child that a signal hits before its exec would run the trap as well.
trap '[ "$BASHPID" != $$ ] || rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
export LC_ALL=C

# run ARGS...: sets $out, $err, $rc
run()
{
	"$pinstat" "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(<"$tmp/out")
	err=$(<"$tmp/err")
}

# fails WHAT REGEX ARGS...: one line on stderr, nothing on stdout, exit 1
fails()
{
	local what=$1 regex=$2

	shift 2
	run "$@"
	is "$rc:$out:$(wc -l <"$tmp/err")" "1::1" "$what: exit 1, one line on stderr, no output"
	like "$err" "^pinstat: .*$regex" "$what: says so"
}

# fake NAME ACQUIRED RELEASED [NODE ACQUIRED RELEASED]...: a root of its own
fake()
{
	local root=$tmp/$1

	mkdir -p "$root/proc/sys/vm" "$root/sys"
	printf 'nr_free_pages 1\nnr_foll_pin_acquired %s\nnr_foll_pin_released %s\n' "$2" "$3" \
		>"$root/proc/vmstat"
	echo "100.00 200.00" >"$root/proc/uptime"
	: >"$root/proc/sys/vm/stat_refresh"
	shift 3
	while [ $# -gt 0 ]; do
		mkdir -p "$root/sys/devices/system/node/node$1"
		printf 'nr_foll_pin_acquired %s\nnr_foll_pin_released %s\n' "$2" "$3" \
			>"$root/sys/devices/system/node/node$1/vmstat"
		shift 3
	done
}

counters()
{
	awk '/^nr_foll_pin_/ { printf "%s ", $2 }' /proc/vmstat
}

# Every line of stdin against the schema.
valid_json()
{
	$python -c '
import json, sys
from jsonschema import Draft7Validator
schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
lines = sys.stdin.read().splitlines()
assert lines, "nothing to check"
for line in lines:
    Draft7Validator(schema).validate(json.loads(line))
' "$schema" 2>"$tmp/why" || { tail -n 5 "$tmp/why" | sed 's/^/# /'; return 1; }
}

# json EXPRESSION: evaluates it on o, the last object of stdin, and all, the list of them
json()
{
	$python -c '
import json, sys
all = [json.loads(line) for line in sys.stdin]
o = all[-1]
print(eval(sys.argv[1]))
' "$1"
}

cat >"$tmp/metrics.py" <<'PY'
# The rules of OpenMetrics 1.0 resp. Prometheus text format 0.0.4 that an exposition of counters
# and gauges can break. Prints the number of samples.
import re, sys

om = sys.argv[1] == "openmetrics"
text = sys.stdin.read()
assert text.endswith("\n"), "no newline at the end"
lines = text[:-1].split("\n")
if om:
    assert lines.pop() == "# EOF", "does not end with # EOF"
meta, seen, samples, current = {}, set(), set(), None
for line in lines:
    assert line and line == line.strip(), "empty line or spaces around: %r" % line
    m = re.fullmatch(r"# (TYPE|UNIT|HELP) ([a-z_:][a-z0-9_:]*) (.+)", line)
    if m:
        kind, name, value = m.groups()
        if name != current:
            assert name not in seen, "family in two places: " + name
            seen.add(name)
            current, meta = name, {}
        assert not meta.get("sampled"), "metadata after a sample: " + line
        assert kind not in meta, "twice: " + line
        meta[kind] = value
        if kind == "TYPE":
            assert value in ("counter", "gauge"), line
        if kind == "UNIT":
            assert om, "UNIT in the text format"
            assert name.endswith("_" + value), "unit is no suffix: " + line
        continue
    assert not line.startswith("#"), "unknown comment: " + line
    m = re.fullmatch(r'([a-z_:][a-z0-9_:]*)(\{node="[0-9]+"\})? (-?[0-9]+)', line)
    assert m, "not a sample (a timestamp?): " + line
    name, labels, value = m.groups()
    assert meta.get("TYPE") and meta.get("HELP"), "sample without metadata: " + line
    meta["sampled"] = True
    if meta["TYPE"] == "counter":
        assert name.endswith("_total"), "counter without _total: " + line
        assert int(value) >= 0, line
    want = current + "_total" if om and meta["TYPE"] == "counter" else current
    assert name == want, "sample %s under family %s" % (name, current)
    if om and name.replace("_total", "").endswith("_pins"):
        assert meta.get("UNIT") == "pins", "no unit: " + line
    assert (name, labels) not in samples, "twice: " + line
    samples.add((name, labels))
if om:
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
        list(parse(text))
    except ImportError:
        pass
print(len(samples))
PY

valid_metrics()
{
	$python "$tmp/metrics.py" "$1" 2>"$tmp/why" ||
		{ tail -n 1 "$tmp/why" | sed 's/^/# /'; return 1; }
}

[ -x "$pinstat" ] || { echo "1..0 # SKIP $pinstat is not built"; exit 0; }
grep -q '^nr_foll_pin_acquired ' /proc/vmstat ||
	{ echo "1..0 # SKIP this kernel does not count pins"; exit 0; }

# --- the table -----------------------------------------------------------------------------------

before=$(counters)
run
after=$(counters)
is "$rc" 0 "once: exit 0"
is "$(wc -l <"$tmp/out")" 2 "once: a header and a line"
like "$out" '^ +IN-FLIGHT +ACQUIRED +RELEASED +ACQ/S +REL/S +NET/S$' "once: the header"
read -r inflight acquired released rest <<<"$(tail -n 1 "$tmp/out")"
read -r a0 r0 a1 r1 <<<"$before $after"
# Per-CPU counts folded by pinstat only raise the totals, so they are still in between.
[ "$a0" -le "$acquired" ] && [ "$acquired" -le "$a1" ] &&
	[ "$r0" -le "$released" ] && [ "$released" -le "$r1" ]
ok $? "once: the counters are those of /proc/vmstat"
is "$inflight" $((acquired - released)) "once: in flight is acquired - released"
is "$(wc -w <<<"$rest")" 3 "once: three rates"

fake plain 1000 400 0 700 400 1 300 0
run --root "$tmp/plain"
is "$(awk 'NR == 2 { print $1, $2, $3, $4, $5, $6 }' <<<"$out")" "600 1000 400 10.0 4.0 6.0" \
	"--root: the counters, and rates since boot (1000 pins in 100 s)"
is "$err" "" "nothing on stderr when all is well"
run -n --root "$tmp/plain"
is "$(awk '{ print $1, $2, $3 }' <<<"$out" | tr '\n' ,)" \
	"NODE IN-FLIGHT ACQUIRED,all 600 1000,0 300 700,1 300 300," "-n: all, then each node"
run --node --root "$tmp/plain" 0.01 3
is "$(grep -c ^all "$tmp/out"):$(grep -c ^NODE "$tmp/out")" "3:1" \
	"--node with an interval: COUNT samples, one header where there is no terminal"
run -t --root "$tmp/plain"
like "$(sed -n 2p "$tmp/out")" ' 20[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9](:[0-6][0-9]){2}$' \
	"-t: the local time"
run --timestamp -n --root "$tmp/plain"
is "$(grep -cE ':[0-5][0-9]:[0-6][0-9]$' "$tmp/out")" 3 "--timestamp: on each line"
rm "$tmp/plain/proc/uptime"
run --root "$tmp/plain"
is "$(awk 'NR == 2 { print $4, $5, $6 }' <<<"$out")" "- - -" "no uptime: no rates since boot"

run -n
if [ -d /sys/devices/system/node ]; then
	is "$(awk 'NR > 2 { print $1 }' <<<"$out")" \
		"$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' -printf '%f\n' |
		   sed s/node// | sort -n)" "-n: the nodes of this machine"
else
	skip "-n: the nodes of this machine" "a kernel without NUMA"
fi

# --- real pins -----------------------------------------------------------------------------------

start=$(run -j; echo "$out")
$python - <<'PY'
import ctypes, mmap, os
pages = 1009
libc = ctypes.CDLL(None, use_errno=True)
class iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]
def buffer():
    m = mmap.mmap(-1, pages * mmap.PAGESIZE)
    m.madvise(mmap.MADV_NOHUGEPAGE)
    for i in range(pages):
        m[i * mmap.PAGESIZE] = 1
    return iovec(ctypes.addressof(ctypes.c_char.from_buffer(m)), len(m)), m
(local, a), (remote, b) = buffer(), buffer()
n = libc.process_vm_readv(os.getpid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
raise SystemExit(n != pages * mmap.PAGESIZE)
PY
ok $? "process_vm_readv of 1009 pages"
if [ "$(id -u)" = 0 ]; then
	end=$(run -j; echo "$out")
	grew=$($python -c '
import json, sys
a, b = map(json.loads, sys.argv[1:])
print(b["acquired"] - a["acquired"] >= 1009, b["released"] - a["released"] >= 1009)
' "$start" "$end")
	is "$grew" "True True" "its 1009 pins were taken and given back"
else
	skip "its 1009 pins were taken and given back" "per-CPU counts lag without root"
fi

# --- JSON ----------------------------------------------------------------------------------------

fake nodes 2018 1009 0 2000 1000 2 11 2 10 7 7
run -j
valid_json <"$tmp/out"
ok $? "-j: matches the schema"
is "$(json '"nodes" in o, o["schema"], o["unit"]' <"$tmp/out")" "(False, 1, 'pins')" \
	"-j: schema number, unit, nodes only when asked for"
run --json --node --root "$tmp/nodes"
valid_json <"$tmp/out"
ok $? "--json --node: matches the schema"
is "$(json '[n["node"] for n in o["nodes"]]' <"$tmp/out")" "[0, 2, 10]" "nodes in order of number"
is "$(json 'o["acquired"], o["released"], o["in_flight"], o["refreshed"]' <"$tmp/out")" \
	"(2018, 1009, 1009, True)" "-j: the counters as they are"
is "$(json 'o["rates"]["acquired_per_s"], o["nodes"][1]["rates"]["net_per_s"]' <"$tmp/out")" \
	"(20.18, 0.09)" "-j: rates since boot"
run -jn --root "$tmp/nodes" 0.01 3
valid_json <"$tmp/out"
ok $? "-j with an interval: each line matches the schema"
is "$(json 'len(all), [s["rates"]["since"] for s in all]' <"$tmp/out")" \
	"(3, ['boot', 'last', 'last'])" "-j with an interval: an object a line"
is "$(json 'o["rates"]["acquired_per_s"], o["rates"]["seconds"] > 0' <"$tmp/out")" "(0.0, True)" \
	"-j with an interval: rates of the interval"
fake big 9223372036854775807 1
run -j --root "$tmp/big"
valid_json <"$tmp/out"
ok $? "the largest counter: matches the schema"
is "$(json 'o["acquired"], o["in_flight"]' <"$tmp/out")" \
	"(9223372036854775807, 9223372036854775806)" "the largest counter: not rounded"
echo '{"schema": 1, "tool": "pinstat", "more": 0}' | valid_json >"$tmp/why_not"
is $? 1 "(the schema refuses another object)"

# Counters that change under a running pinstat: it must not make up rates.
fake moving 1000 500 0 1000 500
cat >"$tmp/moving.py" <<'PY'
import json, os, subprocess, sys
pinstat, root = sys.argv[1:]
def put(path, acquired, released):
    os.makedirs(os.path.dirname(root + path), exist_ok=True)
    with open(root + path + ".new", "w") as f:
        f.write("nr_foll_pin_acquired %d\nnr_foll_pin_released %d\n" % (acquired, released))
    os.rename(root + path + ".new", root + path)
p = subprocess.Popen([pinstat, "-jn", "--root", root, "0.02"], stdout=subprocess.PIPE, text=True)
def until(test):
    for line in p.stdout:
        o = json.loads(line)
        if test(o):
            return o
until(lambda o: True)
put("/proc/vmstat", 2000, 600)
o = until(lambda o: o["acquired"] == 2000)
r = o["rates"]
print("grew", round(r["acquired_per_s"] * r["seconds"]), round(r["released_per_s"] * r["seconds"]),
      round(r["net_per_s"] * r["seconds"]))
put("/proc/vmstat", 10, 5)
print("reset", until(lambda o: o["acquired"] == 10)["rates"])
print("after", until(lambda o: True)["rates"]["acquired_per_s"])
put("/sys/devices/system/node/node1/vmstat", 7, 3)
o = until(lambda o: len(o["nodes"]) == 2)
print("new", o["nodes"][1]["rates"], o["nodes"][0]["rates"]["acquired_per_s"])
p.terminate()
print("exit", p.wait())
PY
is "$($python "$tmp/moving.py" "$pinstat" "$tmp/moving")" \
"grew 1000 100 900
reset None
after 0.0
new None 0.0
exit 0" "rates: of the interval; none when a counter goes back or a node is new"

# --- metrics -------------------------------------------------------------------------------------

run --openmetrics
n=$(valid_metrics openmetrics <"$tmp/out")
ok $? "--openmetrics: follows OpenMetrics 1.0"
nodes=$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' 2>/dev/null | wc -l)
is "$n" $((4 + 3 * nodes)) "--openmetrics: machine and nodes"
run --openmetrics --root "$tmp/nodes"
is "$(grep -v '^#' "$tmp/out" | sort)" "$(sort <<'END'
pinscope_acquired_pins_total 2018
pinscope_released_pins_total 1009
pinscope_in_flight_pins 1009
pinscope_node_acquired_pins_total{node="0"} 2000
pinscope_node_acquired_pins_total{node="2"} 11
pinscope_node_acquired_pins_total{node="10"} 7
pinscope_node_released_pins_total{node="0"} 1000
pinscope_node_released_pins_total{node="2"} 2
pinscope_node_released_pins_total{node="10"} 7
pinscope_node_in_flight_pins{node="0"} 1000
pinscope_node_in_flight_pins{node="2"} 9
pinscope_node_in_flight_pins{node="10"} 0
pinscope_vmstat_refreshed 1
END
)" "--openmetrics: each sample"
like "$out" '^# UNIT pinscope_acquired_pins pins$' "--openmetrics: a unit"
sed 's/^# UNIT.*_in_flight_pins pins$/&x/' "$tmp/out" | valid_metrics openmetrics >"$tmp/why_not"
is $? 1 "(a unit that is no suffix would be found)"
sed '$d' "$tmp/out" | valid_metrics openmetrics >"$tmp/why_not"
is $? 1 "(a missing # EOF would be found)"
sed 's/^\(pinscope_acquired_pins\)_total/\1/' "$tmp/out" | valid_metrics openmetrics >"$tmp/why_not"
is $? 1 "(a counter without _total would be found)"
fake flat 5 3
run --openmetrics --root "$tmp/flat"
is "$rc:$(valid_metrics openmetrics <"$tmp/out")" "0:4" "--openmetrics: a kernel without NUMA nodes"

mkdir "$tmp/textfile"
prom=$tmp/textfile/pinstat.prom
(umask 077; "$pinstat" --textfile "$tmp/textfile" --root "$tmp/nodes" >"$tmp/out" 2>"$tmp/err")
is "$?:$(<"$tmp/out"):$(<"$tmp/err")" "0::" "--textfile: exit 0, nothing to say"
is "$(ls -A "$tmp/textfile")" pinstat.prom "--textfile: one file"
is "$(stat -c %a "$prom")" 644 "--textfile: mode 0644 under umask 077"
is "$(valid_metrics text <"$prom")" 13 "--textfile: follows the text format, no timestamps"
like "$(<"$prom")" '^# TYPE pinscope_acquired_pins_total counter$' \
	"--textfile: TYPE names the sample"
inode=$(stat -c %i "$prom")
ln "$prom" "$tmp/old.prom"
"$pinstat" --textfile "$tmp/textfile" --root "$tmp/flat"
[ "$(stat -c %i "$prom")" != "$inode" ] && grep -q 2018 "$tmp/old.prom" &&
	! grep -q 2018 "$prom"
ok $? "--textfile: a new file takes the place of the old one, which stays whole"
is "$(ls -A "$tmp/textfile")" pinstat.prom "--textfile: no temporary file stays"

"$pinstat" --textfile "$tmp/textfile" --root "$tmp/nodes" 0.01 100 &
pid=$!
reads=0 broken=0
while kill -0 $pid 2>/dev/null; do
	reads=$((reads + 1))
	tail -n 1 "$prom" | grep -q '^pinscope_vmstat_refreshed [01]$' || broken=$((broken + 1))
done
wait $pid
is "$?:$broken" "0:0" "--textfile with an interval: always whole"
like "$reads" '^[1-9]' "(it was read $reads times meanwhile)"
is "$(ls -A "$tmp/textfile")" pinstat.prom "--textfile with an interval: no temporary file stays"

fails "--textfile to no folder" "cannot write .*/none/pinstat.prom: No such file" \
	--textfile "$tmp/none"
fails "--textfile to a file" "Not a directory" --textfile "$schema"
mkdir -p "$tmp/taken/pinstat.prom"
fails "--textfile where a folder has the name" "cannot write .*directory" --textfile "$tmp/taken"
is "$(ls -A "$tmp/taken")" pinstat.prom "... and no temporary file stays"
fails "--textfile with a very long name" "File name too long" \
	--textfile "/$(printf '%05000d' 0)"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$tmp/full"
	# shellcheck disable=SC2016
	is "$(unshare -m bash -c '
		mount -t tmpfs -o size=64k none "$2" || exit
		"$1" --root "$3" --textfile "$2" || exit
		sum=$(cksum <"$2/pinstat.prom")
		dd if=/dev/zero of="$2/fill" bs=4k 2>/dev/null
		"$1" --root "$3" --textfile "$2" 2>"$4"
		echo "rc $? $(ls -A "$2" | tr "\n" " ")"
		[ "$(cksum <"$2/pinstat.prom")" = "$sum" ] && echo same
		cat "$4"' - "$pinstat" "$tmp/full" "$tmp/nodes" "$tmp/err")" \
"rc 1 fill pinstat.prom 
same
pinstat: cannot write $tmp/full/pinstat.prom: No space left on device" \
		"--textfile on a full disk: exit 1, the old file stays, no other"
else
	skip "--textfile on a full disk" "needs root"
fi

# --- errors --------------------------------------------------------------------------------------

fails "an unknown option" "unknown option -x" -x
fails "an unknown long option" "cannot use option --nope" --nope
fails "--textfile without a folder" "needs DIR" --textfile
fails "--root without a folder" "needs DIR" --root
fails "an empty --root" "cannot use --root '': No such file" --root ''
fails "a missing --root" "cannot use --root .*No such file" --root "$tmp/none"
fails "a --root that is a file" "cannot use --root .*Not a directory" --root "$schema"
for bad in 0 0.001 -1 1e9 nan inf 1s '' x; do
	fails "interval '$bad'" "INTERVAL must be|unknown option" "$bad"
done
for bad in 0 -1 1.5 x '' 18446744073709551616; do
	fails "count '$bad'" "COUNT must be|unknown option" 1 "$bad"
done
fails "too many arguments" "unexpected argument 'more'" 1 1 more
fails "-j with --openmetrics" "exclude each other" -j --openmetrics
fails "-j with --textfile" "exclude each other" --textfile "$tmp" -j
fails "--openmetrics with --textfile" "exclude each other" --openmetrics --textfile "$tmp"
fails "--openmetrics with an interval" "takes no INTERVAL" --openmetrics 1
fails "-t with -j" "--timestamp is for the table" -tj

mkdir -p "$tmp/empty"
fails "no /proc/vmstat" "$tmp/empty/proc/vmstat: no such file" --root "$tmp/empty"
fake old 1 1
echo "nr_free_pages 1" >"$tmp/old/proc/vmstat"
fails "a kernel without the counters" "does not count pins \(Linux 5.7" --root "$tmp/old"
fake malformed x 1
fails "a malformed counter" "not what the kernel writes" --root "$tmp/malformed"
fake huge 9223372036854775808 1
fails "a counter out of range" "out of range" --root "$tmp/huge"
fails "-n on a kernel without NUMA" "NUMA nodes in .*: no such file" -n --root "$tmp/flat"
fake badnode 1 1 0 y 1
fails "a malformed node" "NUMA nodes in .*: not what the kernel writes" -n --root "$tmp/badnode"
fails "a malformed node, for metrics" "NUMA nodes in .*: not what" \
	--openmetrics --root "$tmp/badnode"

fake negative 256 768
run --root "$tmp/negative" 0.01 3
is "$rc:$(awk 'NR == 2 { print $1 }' "$tmp/out")" "0:-512" "in flight below zero is shown"
is "$(grep -c . "$tmp/err")" 1 "... with one note"
like "$err" "^pinstat: in flight is negative: .*CAVEATS" "... that says why"
run -j --root "$tmp/negative"
valid_json <"$tmp/out"
ok $? "... in JSON too"
is "$(json 'o["in_flight"]' <"$tmp/out")" -512 "... signed"
run --openmetrics --root "$tmp/negative"
like "$out" '^pinscope_in_flight_pins -512$' "... and as a metric"
fake negnode 10 5 0 1 3 1 9 2
run -n --root "$tmp/negnode"
like "$err" "in flight is negative" "... and for one node alone"

# --- output that cannot be written ---------------------------------------------------------------

for form in "" -n -j --openmetrics "0.01"; do
	# shellcheck disable=SC2086
	err=$("$pinstat" --root "$tmp/plain" $form 2>&1 >/dev/full)
	is "$?:$err" "1:pinstat: cannot write to standard output: No space left on device" \
		"/dev/full${form:+ with $form}"
	# shellcheck disable=SC2086
	err=$("$pinstat" --root "$tmp/plain" $form 2>&1 >&-)
	is "$?:$err" "1:pinstat: cannot write to standard output: Bad file descriptor" \
		"closed stdout${form:+ with $form}"
done
"$pinstat" --textfile "$tmp/textfile" --root "$tmp/nodes" <&- >&- 2>&-
is "$?:$(valid_metrics text <"$prom")" "0:13" "--textfile with everything closed"
"$pinstat" -j 0.01 2>"$tmp/err" | head -n 1 >"$tmp/out"
is "${PIPESTATUS[0]}:$(wc -l <"$tmp/out")" "0:1" "| head -1 ends it, exit 0"
valid_json <"$tmp/out"
ok $? "| head -1 got a whole object"

# --- signals -------------------------------------------------------------------------------------

# A background job of a shell ignores SIGINT, and pinstat minds that; hence env.
for sig in INT TERM HUP; do
	rm -f "$tmp/out"
	env --default-signal=INT "$pinstat" -j --root "$tmp/plain" 1000 >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for _ in {1..600}; do [ -s "$tmp/out" ] && break; sleep 0.1; done
	kill -$sig $pid
	wait $pid
	is "$?:$(wc -l <"$tmp/out"):$(<"$tmp/err")" "0:1:" "SIG$sig between samples: exit 0"
done

cat >"$tmp/stuck.py" <<'PY'
# A reader that never reads: the first sample cannot be written. Signals must still end it.
import fcntl, os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)	# a shell's background job ignores it
r, w = os.pipe()
os.set_blocking(w, False)
try:
    while True:
        os.write(w, b"x" * 4096)
except BlockingIOError:
    os.set_blocking(w, True)
p = subprocess.Popen(sys.argv[1:], stdout=w)
def catches_sigint():
    with open("/proc/%d/status" % p.pid) as f:
        return int(f.read().split("SigCgt:")[1].split()[0], 16) & 2
while not catches_sigint():
    time.sleep(0.01)
for _ in range(600):
    p.send_signal(2)
    try:
        print("exit", p.wait(0.1))
        break
    except subprocess.TimeoutExpired:
        pass
else:
    p.kill()
    print("does not end")
PY
is "$($python "$tmp/stuck.py" "$pinstat" -j --root "$tmp/plain" 1000 2>&1)" "exit 0" \
	"SIGINT while the reader does not read ends it"

# --- a terminal ----------------------------------------------------------------------------------

cat >"$tmp/screen.py" <<'PY'
import fcntl, os, pty, struct, sys, termios
rows = int(sys.argv[1])
pid, fd = pty.fork()
if not pid:
    # The size must be there before the first line.
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
out = b""
while True:
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    if not more:
        break
    out += more
lines = out.decode().split("\r\n")[:-1]
print(len(lines), [i for i, l in enumerate(lines) if "IN-FLIGHT" in l], max(map(len, lines)) <= 80,
      os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
# 6 rows: a header, 4 lines, the cursor.
is "$($python "$tmp/screen.py" 6 "$pinstat" --root "$tmp/nodes" 0.01 9)" "12 [0, 5, 10] True 0" \
	"on a terminal the header comes again when it has left the screen"
is "$($python "$tmp/screen.py" 10 "$pinstat" -n --root "$tmp/nodes" 0.01 4)" "18 [0, 9] True 0" \
	"... with nodes, whose lines stay together"
is "$($python "$tmp/screen.py" 2 "$pinstat" --root "$tmp/nodes" 0.01 4)" "5 [0] True 0" \
	"... and once where the screen is too small"

# --- without privilege ---------------------------------------------------------------------------

nobody=()
if [ "$(id -u)" = 0 ]; then
	cp "$pinstat" "$tmp/pinstat"
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
else
	ln -s "$pinstat" "$tmp/pinstat"
fi
"${nobody[@]}" "$tmp/pinstat" -j 0.01 3 >"$tmp/out" 2>"$tmp/err"
is "$?:$(wc -l <"$tmp/err")" "0:1" "as nobody: exit 0, one note for three samples"
like "$(<"$tmp/err")" '^pinstat: small changes may lag: .*only root may' \
	"as nobody: small changes may lag"
valid_json <"$tmp/out"
ok $? "as nobody: matches the schema"
is "$(json '[s["refreshed"] for s in all]' <"$tmp/out")" "[False, False, False]" \
	"as nobody: not refreshed"
"${nobody[@]}" "$tmp/pinstat" --no-refresh >"$tmp/out" 2>"$tmp/err"
is "$?:$(<"$tmp/err")" "0:" "as nobody with --no-refresh: no note"
"${nobody[@]}" "$tmp/pinstat" --openmetrics 2>"$tmp/err" | grep -q '^pinscope_vmstat_refreshed 0$'
ok $? "as nobody: a metric says so"
"${nobody[@]}" "$tmp/pinstat" -n 2>&- >"$tmp/out"
is "$?:$(head -c 4 "$tmp/out")" "0:NODE" "as nobody with stderr closed"
mkdir "$tmp/locked"
if [ "$(id -u)" = 0 ]; then
	err=$("${nobody[@]}" "$tmp/pinstat" --no-refresh --textfile "$tmp/locked" 2>&1)
	is "$?:$err" "1:pinstat: cannot write $tmp/locked/pinstat.prom: Permission denied" \
		"as nobody: a folder that is not theirs"
	run -j
	is "$(json 'o["refreshed"]' <"$tmp/out"):$err" "True:" "as root: refreshed"
	run -j --no-refresh
	is "$(json 'o["refreshed"]' <"$tmp/out"):$err" "False:" "as root with --no-refresh: not"
else
	skip "as root: refreshed" "needs root"
fi

# --- help and manual -----------------------------------------------------------------------------

run -h
help=$out
is "$rc:$err" "0:" "-h: exit 0"
run --help
is "$out" "$help" "--help: the same"
run -V
like "$rc $out" '^0 pinstat [0-9]' "-V: the version"
run --version
like "$rc $out" '^0 pinstat [0-9]' "--version: the same"
"$pinstat" --help >/dev/full 2>"$tmp/err"
is $? 1 "--help to a full disk: exit 1"

listed=$(grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' <<<"$help" | grep -oE -- '--?[a-zA-Z-]+' | sort)
documented=$(sed -nE 's/^\.It Fl /-/p' "$man" | sed -E 's/ Ar .*//; s/ , /\n-/g' | sort)
is "$documented" "$listed" "the man page has each option of --help and no other"
is "$(grep -c . <<<"$listed")" 14 "(--help lists 14)"
for name in $("$pinstat" --openmetrics 2>/dev/null | sed -nE 's/^([a-z_]+).*/\1/p' | sort -u); do
	grep -q "Va $name" "$man"
	ok $? "the man page has $name"
done
if command -v mandoc >"$tmp/out"; then
	is "$(mandoc -Tlint -Wwarning "$man" 2>&1)" "" "mandoc has no warning"
else
	skip "mandoc has no warning" "no mandoc"
fi

done_testing
