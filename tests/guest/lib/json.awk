# SPDX-License-Identifier: GPL-2.0
#
# Flattens JSON into lines path=value, for a machine without jq: {"a":[{"b":1}]} gives a.0.b=1.
# Strings come without their quotes, with their escapes. Anything that is not JSON ends it with 1.

function bad(why)
{
	print "json.awk: " why ": " substr(window, 1, 60) >"/dev/stderr"
	exit 1
}

# The next token, matched by an expression, is taken off the text: off a window that moves over it,
# for cutting all of it at each token takes minutes. No token is longer than 5000 characters.
function take(re)
{
	while (length(window) < 5000 && line < NR) {
		window = window substr(lines[line], at, 5000)
		if ((at += 5000) > length(lines[line])) {
			window = window "\n"
			line++
			at = 1
		}
	}
	if (!match(window, "^[ \t\r\n]*(" re ")"))
		return 0
	token = substr(window, 1, RLENGTH)
	window = substr(window, RLENGTH + 1)
	sub(/^[ \t\r\n]+/, "", token)
	return 1
}

function join(path, name)
{
	return path == "" ? name : path "." name
}

function members(path,    name)
{
	if (take("}"))
		return
	do {
		if (!take(STRING))
			bad("no name")
		name = substr(token, 2, length(token) - 2)
		if (!take(":"))
			bad("no colon")
		value(join(path, name))
	} while (take(","))
	if (!take("}"))
		bad("no end of object")
}

function elements(path,    i)
{
	if (take("]"))
		return
	do
		value(join(path, i++ + 0))
	while (take(","))
	if (!take("]"))
		bad("no end of array")
}

function value(path)
{
	if (take("[{]"))
		members(path)
	else if (take("\\["))
		elements(path)
	else if (take(STRING))
		print path "=" substr(token, 2, length(token) - 2)
	else if (take("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null"))
		print path "=" token
	else
		bad("no value")
}

BEGIN { at = 1; line = 0; STRING = "\"([^\"\\\\]|\\\\.)*\"" }
{ lines[NR - 1] = $0 }
END {
	value("")
	if (!take("$"))
		bad("more than one value")
}
