/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What does not change of the page: style, titles and a script. Well-formed
 * XML, so the script has neither '<' nor '&'.
 */
#ifndef PINSCOPE_LEAK_PAGE_H
#define PINSCOPE_LEAK_PAGE_H

static const char page_head[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
"<title>pinleak</title>\n"
"<style>\n"
":root { color-scheme: light dark; --bg: #fff; --fg: #1b1f24; --dim: #667; --line: #d5d9de;\n"
" --bad: #b3261e; --warn: #9a5b00; --flame: #ffd7a8; --flame2: #ffc488; --ink: #222; }\n"
"@media (prefers-color-scheme: dark) { :root { --bg: #15181c; --fg: #e4e7eb; --dim: #99a;\n"
" --line: #363b42; --bad: #ff8a80; --warn: #ffc46b; --flame: #b5622a; --flame2: #9c4f1f;\n"
" --ink: #fff; } }\n"
"body { font: 14px/1.4 system-ui, sans-serif; background: var(--bg); color: var(--fg);\n"
" margin: 1.5rem auto; max-width: 75rem; padding: 0 1rem; }\n"
"h1 { margin: 0; } h2 { margin: 1.6rem 0 .4rem; font-size: 1.1rem; }\n"
"svg { width: 100%; height: auto; display: block; } svg text { font: 11px monospace; fill: var(--fg); }\n"
"svg text.end { text-anchor: end; } .grid { stroke: var(--line); fill: none; }\n"
"#flame .f { cursor: pointer; } #flame text { fill: var(--ink); pointer-events: none; }\n"
"#flame rect { fill: var(--flame); } #flame rect.h1, #flame rect.h3 { fill: var(--flame2); }\n"
"#flame .f:hover rect { filter: brightness(1.15); }\n"
"ul.classes, ul.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .6rem; }\n"
"ul.classes li { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; }\n"
"ul.classes b { font-size: 1.3rem; } ul.legend { flex-direction: column; gap: .1rem; }\n"
"ul.legend span { display: inline-block; width: .8em; height: .8em; margin-right: .5em; }\n"
".note { color: var(--warn); } .orphan td:first-child, .growing td:first-child,\n"
"ul .orphan b, ul .growing b { color: var(--bad); font-weight: bold; }\n"
".old td:first-child, ul .old b { color: var(--warn); font-weight: bold; }\n"
".scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }\n"
"th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; white-space: nowrap;\n"
" border-bottom: 1px solid var(--line); } .n { text-align: right; }\n"
"th { cursor: pointer; user-select: none; } pre { margin: .3rem 0; font-size: 12px; }\n"
".c0 { fill: #4e79a7; background: #4e79a7; } .c1 { fill: #f28e2b; background: #f28e2b; }\n"
".c2 { fill: #59a14f; background: #59a14f; } .c3 { fill: #e15759; background: #e15759; }\n"
".c4 { fill: #76b7b2; background: #76b7b2; } .c5 { fill: #edc948; background: #edc948; }\n"
".c6 { fill: #b07aa1; background: #b07aa1; } .c7 { fill: #9c755f; background: #9c755f; }\n"
"</style></head><body>\n"
"<h1>pinleak</h1>\n";

static const char page_table[] =
"<div class=\"scroll\"><table id=\"holds\"><thead><tr><th>Class</th><th class=\"n\">PID</th>"
"<th>Name</th><th>Driver</th><th class=\"n\">Pins</th><th class=\"n\">Pinned</th>"
"<th class=\"n\">Grew</th><th class=\"n\">Oldest</th><th class=\"n\">Youngest</th>"
"<th>From</th></tr></thead><tbody>\n";

static const char page_end[] =
"</tbody></table></div>\n"
"<script>\n"
"var table = document.getElementById('holds'), last = -1, down = false;\n"
"function value(row, at) {\n"
" var cell = row.cells[at], v = cell.getAttribute('data-v');\n"
" return v === null ? cell.textContent : Number(v);\n"
"}\n"
"Array.from(table.tHead.rows[0].cells).forEach(function (head, at) {\n"
" head.addEventListener('click', function () {\n"
"  var rows = Array.from(table.tBodies[0].rows);\n"
"  down = last === at ? !down : head.className === 'n';\n"
"  last = at;\n"
"  rows.sort(function (a, b) {\n"
"   var x = value(a, at), y = value(b, at), order = x > y ? 1 : x === y ? 0 : -1;\n"
"   return down ? -order : order;\n"
"  });\n"
"  rows.forEach(function (row) { table.tBodies[0].appendChild(row); });\n"
" });\n"
"});\n"
"var width = 1000, frames = Array.from(document.querySelectorAll('#flame .f'));\n"
"function number(frame, name) { return Number(frame.getAttribute('data-' + name)); }\n"
"function zoom(to) {\n"
" var x0 = number(to, 'x'), w0 = number(to, 'w'), scale = width / w0;\n"
" frames.forEach(function (f) {\n"
"  var x = number(f, 'x'), w = number(f, 'w'), rect = f.children[1], text = f.children[2];\n"
"  var name = text.getAttribute('data-name'), from = Math.max(x, x0);\n"
"  var seen = Math.min(x + w, x0 + w0) - from, room = Math.floor(seen * scale / 6.6);\n"
"  f.style.display = seen > 1e-4 ? '' : 'none';\n"
"  rect.setAttribute('x', (from - x0) * scale);\n"
"  rect.setAttribute('width', Math.max(seen * scale, 0));\n"
"  text.setAttribute('x', (from - x0) * scale + 3);\n"
"  text.textContent = name.length > room ? (room > 3 ? name.slice(0, room - 2) + '..' : '') : name;\n"
" });\n"
"}\n"
"frames.forEach(function (f) { f.addEventListener('click', function () { zoom(f); }); });\n"
"if (frames.length) zoom(frames[0]);\n"
"</script></body></html>\n";

#endif
