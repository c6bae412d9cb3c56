#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The rig itself: whatever goes wrong in a guest is a result that fails, with what tells more.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh

# boot NAME [OPTIONS OF run.sh] KERNEL TEST...: sets out and status.
boot()
{
	local name=$1
	shift
	out=$(tests/guest/run.sh --name "rig-$name" "$@" 2>&1)
	status=$?
}

# failing REGEX NAME: a result "not ok" like this, and a guest that has failed.
failing()
{
	like "$out" "^not ok [0-9]+ - .*$1" "$2"
}

rig()
{
	printf "tests/guest/rig/%s.sh\n" "$@"
}

boot fine 6.12 "$(rig fine)"
is "$status $(grep -c '^not ok' <<<"$out")" '0 0' 'a guest in which all is well passes'
like "$out" '^ok [0-9]+ - all is well' 'and shows what passed'

# shellcheck disable=SC2046 # words
boot tests 6.12 $(rig fails leaves dies hangs unloadable taints)
is "$status" 1 'a guest with tests that fail has failed'
failing 'one is two' 'a result that fails'
like "$out" '^# rig-tests:  wanted: 2' 'with what was wanted'
like "$out" '^ok [0-9]+ - and goes on' 'the test goes on after it'
failing 'leaves: runs to its end' 'a test that ends early'
failing 'dies: runs to its end' 'a test that dies'
failing 'hangs: takes no longer than 3 s' 'a test that hangs'
like "$out" 'hanging: pid [0-9]+: sleep 1000' 'with what hangs'
failing 'module kvm_intel loads' 'a module that does not load'
failing 'taints: no fault and no warning' "a warning's mark"
like "$out" '^ok [0-9]+ - fails: no fault and no warning' 'which was not there before'
like "$out" '^ok [0-9]+ - all results arrived' 'and no result was lost'
like "$out" "^# rig-tests: words on the console" "the console's last lines are shown"

boot panics 6.12 "$(rig panics)"
is "$status" 1 'a guest that panics has failed'
failing 'all results arrived' 'results were lost'
failing 'the guest powers off' 'it did not power off'
failing 'the console shows no fault' 'the console shows it'
like "$out" '^# rig-panics: .*Kernel panic - not syncing: sysrq triggered crash' 'the panic is shown'

boot hangs --time 40 6.12 "$(rig hangs-all)"
is "$status" 1 'a guest that hangs has failed'
failing 'the guest ends within 40 s' 'it is said so'
like "$out" '^# rig-hangs: .*about to hang' "the console's last lines are shown"
pgrep -f 'qemu-system.*rig-hangs' >/dev/null
is $? 1 'nothing of it is left'

boot warns 6.1 "$(rig warns)"
is "$status" 1 'a guest whose kernel warns has failed'
failing 'the console shows no fault and no warning' 'the console shows the warning'
like "$out" '^# rig-warns: .*WARNING: .*mm/' 'the warning is shown'
failing 'warns: no fault and no warning' 'and so does its mark'

# What fails before any guest runs.
boot lacks 6.12 "$(rig lacks)"
failing 'has no module no_such_module' 'a module that the kernel lacks'
is "$status" 1 'is a failure'
boot lacks --module no_such_module 6.12 "$(rig fine)"
failing 'has no module no_such_module' 'and one that --module names'
boot wrong 6.12 "$(rig wrong-need)"
failing 'needs device=disk: what is that' 'a need that nobody knows'
boot wrong 6.12 ./no/such.sh
failing 'no test ./no/such.sh' 'a test that is not there'
boot wrong 1.0 "$(rig fine)"
failing 'no kernel 1.0' 'a kernel that Debian has not'
boot wrong --vmlinuz /no/vmlinuz "$(rig fine)"
failing 'no kernel /no/vmlinuz' 'a kernel that is not there'
boot wrong --name rig-none 6.12 no-such-name
is "$status ${out%% #*}" '0 1..0' "no test of this name: the kernel's tests are skipped"
done_testing
