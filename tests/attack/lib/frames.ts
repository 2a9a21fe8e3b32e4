// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of HTTP/2 by hand, as strings in which one character is one byte (RFC 9113, section 4.1).

export const HEADERS = 1, SETTINGS = 4, WINDOW_UPDATE = 8;
export const END_STREAM = 1, END_HEADERS = 4;

const byte = String.fromCharCode;
const u32 = (n: number) => byte((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);

export const frame = (type: number, flags: number, stream: number, payload = "") =>
	u32(payload.length).slice(1) + byte(type, flags) + u32(stream) + payload;

/** Header fields without compression. */
export const block = (fields: [string, string][]) =>
	fields.map(([name, value]) => `\0${byte(name.length)}${name}${byte(value.length)}${value}`).join("");

export const request = (method: string, host: string, path: string) =>
	block([[":method", method], [":scheme", "http"], [":authority", host], [":path", path]]);

/** What a client says first; with the window that each of its streams begins with. */
export const begin = (window = 65535) =>
	`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(SETTINGS, 0, 0, `\0\x04${u32(window)}`)}`;

/** The frames in what came: their types, streams, and payloads. */
export function* frames(bytes: string) {
	for (let at = 0; at + 9 <= bytes.length; ) {
		const n = (i: number) => bytes.charCodeAt(at + i);
		const length = (n(0) << 16) | (n(1) << 8) | n(2);
		yield { type: n(3), flags: n(4), stream: (n(5) << 24) | (n(6) << 16) | (n(7) << 8) | n(8), payload: bytes.slice(at + 9, at + 9 + length) };
		at += 9 + length;
	}
}
