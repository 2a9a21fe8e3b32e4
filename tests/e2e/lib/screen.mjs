// SPDX-License-Identifier: GPL-3.0-or-later
// What a terminal shows after the bytes on standard input, line by line: printable characters, CR, LF, and
// the two sequences that moving live lines takes. Anything else that a terminal would obey is shown as <ESC>.
let text = await Bun.stdin.text();
const lines = [""];
let row = 0;
while (text) {
	const up = /^\x1b\[(\d*)F/.exec(text), erase = /^\x1b\[J/.exec(text), colour = /^\x1b\[[\d;]*m/.exec(text);
	const taken = (up ?? erase ?? colour)?.[0] ?? text[0];
	text = text.slice(taken.length);
	if (up) row = Math.max(0, row - Number(up[1] || 1));
	else if (erase) lines.splice(row, Infinity, "");
	else if (colour || taken === "\r") continue;
	else if (taken === "\n") lines[++row] ??= "";
	else lines[row] += taken === "\x1b" ? "<ESC>" : taken < " " && taken !== "\t" ? "<CTL>" : taken;
}
console.log(lines.join("\n").trimEnd());
