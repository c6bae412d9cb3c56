#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pinleak: every option, every documented error; what it writes (of made-up pins, by the unit tests)
# against its schema, the page and its script. What it finds is tested in guests.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
BIN=$(realpath "${PINSCOPE_BIN:-build/bin}")
PINLEAK=$BIN/pinleak
UNIT=$(realpath "${PINSCOPE_UNIT:-build/tests}")
TMP=$(mktemp -d)
chmod 755 "$TMP"
trap 'rm -rf "$TMP"' EXIT

# --- help, man pages ----------------------------------------------------------------------------

help=$("$PINLEAK" --help)
is $? 0 '--help'
is "$("$PINLEAK" -h)" "$help" '-h'
like "$("$PINLEAK" -V)" '^pinleak [0-9]' '-V'
is "$("$PINLEAK" --version)" "$("$PINLEAK" -V)" '--version'
for option in $(grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+'); do
	grep -qE "^\.It Fl (. , )?-${option#--}( |\$)" man/pinleak.8
	ok $? "$option stands in the man page"
done
is "$(grep -oE '^\.It Fl [a-zA-Z-]+' man/pinleak.8 | wc -l)" \
	"$(grep -cE '^ +(-[a-zA-Z], )?--' <<<"$help")" 'and no other does'
is "$(mandoc -Tlint -Wwarning man/pinleak.8 man/pinleak.supp.5 2>/dev/null)" '' \
	'mandoc has nothing to say'

# --- errors -------------------------------------------------------------------------------------

# fails RC REGEX OPTIONS...: with one line on standard error and nothing on standard output
fails()
{
	local rc=$1 say=$2

	shift 2
	"$PINLEAK" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	is "$?" "$rc" "pinleak $*: exit code"
	like "$(cat "$TMP/err")" "^pinleak: .*$say" "pinleak $*: says why"
	is "$(wc -l <"$TMP/err") $(wc -c <"$TMP/out")" '1 0' "pinleak $*: in one line"
}

printf '{\n  some\n  fun:a\n  bogus\n}\n' >"$TMP/bad.supp"
printf '{\n  some\n  fun:a\n}\n' >"$TMP/good.supp"
echo '{"tool":"pinleak","schema":1,"rows":[]}' >"$TMP/base"
echo '{"tool":"pinleak","schema":1,"rows":[],"classes":{"orphan":{"rows":1},"held":{"rows":3}}}' \
	>"$TMP/top"
echo '{"tool":"pintop","schema":1,"rows":[]}' >"$TMP/other"
fails 1 "PID must be a number from 1, not 'x'" -p x
fails 1 'there is no process 999999999' --pid 999999999
fails 1 'NAME of --comm is empty' -c ''
fails 1 'NAME of --driver is empty' -d ''
fails 1 "there is no user 'no-such-user'" -u no-such-user
fails 1 "AGE must be a time as 30s, 5m, 2h or 7d, not '5x'" -o 5x
fails 1 'AGE must be a time' --older ''
fails 1 "min-size must be a size as 4096, 16K or 1.5G, not 'x'" -z x
fails 1 'max-size must be a size' --max-size -1
fails 1 'min-size is more than --max-size' -z 2M -Z 1M
fails 1 'top must be a number from 1' -T 0
fails 1 'interval must be seconds from 0.1 to 86400' -i 0.05
fails 1 'interval must be seconds' --interval x
fails 1 'number of looks must be from 1' -n 0
fails 1 "stack must be all or a number from 0 to 32, not '33'" -k 33
fails 1 'json and --folded exclude each other' -j --folded
fails 1 'gen-suppressions goes with neither' --gen-suppressions -j
fails 1 'n is not for a command' -n 3 -- true
fails 1 'cannot open /no/such: No such file' --suppressions /no/such
fails 1 "bad.supp:4: expected driver:, comm:, fun:, ... or }, not 'bogus'" \
	--suppressions "$TMP/bad.supp"
fails 1 'cannot open /no/such: No such file' --baseline /no/such
fails 1 'other is not what pinleak -j of this version writes' --baseline "$TMP/other"
fails 1 'top is no baseline: --top has left out 4 of its rows' --baseline "$TMP/top"
fails 1 'baseline may be given only once' --baseline "$TMP/base" --baseline "$TMP/base"
if grep -q ' - cgroup2 ' /proc/self/mountinfo; then
	say="cannot (find|look for) cgroup '/no/such'"
else
	say="cannot look for cgroup '/no/such': no cgroup2"
fi
fails 1 "$say" --cgroup /no/such
fails 1 'ledger-memory must be from 64K to 64G' --ledger-memory 63K
fails 1 'unknown option -Q' -Q
fails 1 'option --top needs N' -T
fails 2 '/nonexistent: No such file.*; pinscan shows what is pinned now$' --btf /nonexistent

# Where the kernel lets nothing be traced, all the rest is fine, and the command is not run.
"$PINLEAK" -n 1 -i 0.1 >/dev/null 2>&1
if [ $? -eq 2 ]; then
	all=(-p $$ -c 'a*' -u root -d 'io*' -z 4K -Z 1G -T 5 -o 1h --baseline "$TMP/base"
		--suppressions "$TMP/good.supp" -i 1 -k all --html "$TMP/page.html" --exit-code
		--ledger-memory 1M --audit-hold 7 --user-stack)
	for more in -j --folded --gen-suppressions --audit --audit=leak,over-unpin; do
		fails 2 '; pinscan shows what is pinned now$' "${all[@]}" "$more"
	done
	fails 2 '; pinscan shows what is pinned now$' --exit-code -- touch "$TMP/was-run"
	[ ! -e "$TMP/was-run" ]
	ok $? 'a command that cannot be watched is not run'
	[ ! -e "$TMP/page.html" ]
	ok $? 'no page of nothing'
else
	skip 'all options at once' 'live events are possible here: see the guests'
fi
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	cp "$PINLEAK" "$TMP/pinleak"
	setpriv --reuid 65534 --clear-groups "$TMP/pinleak" -n 1 >"$TMP/out" 2>"$TMP/err"
	is $? 2 'without privilege: exit code'
	like "$(cat "$TMP/err")" '^pinleak: .*missing .*CAP_BPF' 'without privilege: names what is missing'
fi

# --- what it writes -----------------------------------------------------------------------------

PINLEAK_SAMPLES=$TMP "$UNIT/test_leak_files" >/dev/null 2>"$TMP/err"
ok $? 'samples are written' || sed 's/^/# /' "$TMP/err"
is "$(wc -l <"$TMP/sample.json")" 2 'JSON: a line per look'
python3 - docs/schema/pinleak.schema.json "$TMP/sample.json" <<'END'
import json, sys
from jsonschema import Draft7Validator
schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
for line in open(sys.argv[2]):
    Draft7Validator(schema).validate(json.loads(line))
END
ok $? 'JSON: as the schema says'
python3 - docs/schema/pinleak.schema.json docs/schema/pintop.schema.json <<'END'
import json, sys
a, b = (json.load(open(f))["definitions"]["live"] for f in sys.argv[1:])
sys.exit(a != b)
END
ok $? 'JSON: "live" is the same as in pintop'"'"'s'

python3 - "$TMP/sample.html" <<'END'
import re, sys, xml.etree.ElementTree as tree
page = open(sys.argv[1]).read()
root = tree.fromstring(page)
assert not re.search(r'(src|href)=|https?:|@import|url\(', page), 'refers to something else'
rows = root.findall(".//table[@id='holds']/tbody/tr")
cells = [[(c.get('data-v'), ''.join(c.itertext())) for c in row] for row in rows]
# Pins, bytes, growth in the order of their classes: what test_leak_files.c has made.
want = [(509, 509, 0), (2510, 2510, 13), (101, 101, 0), (211, 211, 0), (711, 711, 101)]
got = [(int(r[4][0]), int(r[5][0]) // 4096, int(r[6][0])) for r in cells]
assert got == want, got
assert [r[2][1] for r in cells] == ['vpp', 'qemu', "f<&io;?\"'", '(unknown)', 'idle'], cells
frames = root.findall(".//svg[@id='flame']/g")
titles = [f.find('title').text for f in frames]
assert titles[0].startswith('all: 4042 pages'), titles[0]
assert any(t.startswith('qemu: 2510 pages') for t in titles), titles
assert any(t.startswith('take<T:x>: 509 pages') for t in titles), titles
assert 'take<T;x>+0x12 (mytest, my.c:12)' in cells[0][9][1], cells[0]
assert len(root.findall(".//svg[@id='chart']/path")) >= 3
END
ok $? 'the page: well-formed, alone, with all numbers'

# The script of the page, run on the page: a click on a title sorts, one on a frame zooms.
{
	/usr/bin/python3 - "$TMP/sample.html" <<'END'
import json, sys, xml.etree.ElementTree as tree
def node(e):
    parts = [e.text or '']
    for child in e:
        parts += [node(child), child.tail or '']
    return {'tag': e.tag, 'attributes': e.attrib, 'parts': parts}
root = tree.parse(sys.argv[1]).getroot()
print('var page =', json.dumps(node(root)), ';')
print(open('tests/lib/page.js').read())
print(''.join(s.text for s in root.iter('script')))
END
	cat <<'END'
var heads = table.tHead.rows[0].cells, shown = document.querySelectorAll('#flame .f');
function sorted(at) {
	heads[at].click();
	print(table.tBodies[0].rows.map(function (row) { return row.cells[4].textContent; }).join());
}
function drawn(f) {
	return f.style.display === 'none' ? 'no' : Math.round(f.children[1].getAttribute('width'));
}
sorted(4);
sorted(4);
sorted(2);
var last = shown[shown.length - 1], name = last.children[2];
print(shown.map(drawn).join() === shown.map(function (f) {
	return Math.round(f.getAttribute('data-w'));
}).join());
last.click();
print(drawn(last), drawn(shown[0]), name.textContent === name.getAttribute('data-name'));
print(shown.map(drawn).indexOf('no') >= 0);
shown[0].click();
print(drawn(last) === Math.round(last.getAttribute('data-w')), drawn(shown[0]));
END
} >"$TMP/page.js"
is "$(duk "$TMP/page.js" 2>&1)" "$(printf '%s\n' 2510,711,509,211,101 101,211,509,711,2510 211,101,711,2510,509 \
	true '1000 1000 true' true 'true 1000')" 'the page: its script sorts and zooms'

# And where there is a browser, it is the judge.
browser=$(command -v chromium || command -v chromium-headless-shell || command -v google-chrome)
if [ -n "$browser" ]; then
	# Then the page says what it has become.
	sed 's|</body>|<script>document.querySelectorAll("th")[4].click();\
var f = document.querySelectorAll("#flame .f"); f[f.length - 1].dispatchEvent(new Event("click"));\
document.title = [...table.tBodies[0].rows].map(r => r.cells[4].textContent).join() + " " +\
Math.round(f[f.length - 1].children[1].getAttribute("width"));</script></body>|' "$TMP/sample.html" >"$TMP/clicked.html"
	is "$(timeout 60 "$browser" --headless --no-sandbox --disable-gpu --dump-dom \
		"file://$TMP/clicked.html" 2>/dev/null | sed -n 's/.*<title>\(2[^<]*\)<.*/\1/p')" \
		'2510,711,509,211,101 1000' 'the page in a browser: sorts and zooms'
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --window-size=1200,1400 \
		--screenshot="$TMP/page.png" "file://$TMP/sample.html" >/dev/null 2>&1
	[ "$(wc -c <"$TMP/page.png")" -gt 20000 ]
	ok $? 'the page in a browser: is drawn'
fi
done_testing
