// SPDX-License-Identifier: GPL-3.0-or-later
// browser.mjs APP-URL: opens the newsroom's page in Chromium, then tries from pages of other sites what
// such pages can try. Prints one JSON document of what came out.
import http from "node:http";
import { chromium } from "playwright-core";

const app = new URL(process.argv[2]);
const WAIT = { timeout: 30000 };
const QUIET = [
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

function start(...more) {
	return chromium.launch({
		executablePath: "/usr/bin/chromium",
		chromiumSandbox: false, // root has none, and it is not what is tested here
		args: [...QUIET, ...more],
	});
}

/** A site of somebody else, on this address and a free port; it serves an empty page at any path. */
async function site(address) {
	const server = http.createServer((_, response) => {
		response.setHeader("content-type", "text/html");
		response.end("<!doctype html><title>elsewhere</title>");
	});
	await new Promise((resolve) => server.listen(0, address, resolve));
	return { url: `http://${address}:${server.address().port}/`, close: () => server.close() };
}

/**
 * Runs `attempt` in the page; the status of the app's answer to it on the wire, which Chromium itself
 * knows also where it keeps the answer from the page.
 */
async function statusOf(page, attempt, url) {
	const protocol = await page.context().newCDPSession(page);
	const urls = new Map();
	const statuses = new Map();
	const answered = new Promise((resolve, reject) => {
		const look = ({ requestId }) => {
			if (urls.get(requestId) === url && statuses.has(requestId)) resolve(statuses.get(requestId));
		};
		protocol.on("Network.requestWillBeSent", (event) => {
			urls.set(event.requestId, event.request.url);
			look(event);
		});
		protocol.on("Network.responseReceivedExtraInfo", (event) => {
			statuses.set(event.requestId, event.statusCode);
			look(event);
		});
		setTimeout(() => reject(new Error(`no answer to ${url}`)), WAIT.timeout).unref();
	});
	await protocol.send("Network.enable");
	page.evaluate(attempt, url).catch(() => {}); // a page that navigates away has no result
	return answered;
}

const attempts = {
	fetch: (url) => fetch(url).then((r) => r.text(), () => "failed"),
	fetchBlind: (url) => fetch(url, { mode: "no-cors" }).then((r) => r.type, () => "failed"),
	post: (url) => fetch(url, { method: "POST", body: "{}" }).then((r) => r.text(), () => "failed"),
	image: (url) =>
		new Promise((resolve) => {
			const image = new Image();
			image.onload = image.onerror = (event) => resolve(event.type);
			image.src = url;
		}),
	frame: (url) => {
		const frame = document.createElement("iframe");
		frame.src = url;
		document.body.append(frame);
	},
	form: (url) => {
		const form = document.createElement("form");
		form.method = "POST";
		form.action = url;
		document.body.append(form);
		form.submit();
	},
};

async function tryFrom(browser, url) {
	const outcomes = {};
	for (const [name, attempt] of Object.entries(attempts)) {
		const page = await browser.newPage();
		await page.goto(url, WAIT);
		outcomes[name] = await statusOf(page, attempt, new URL(`stories?${name}`, app).href);
		await page.close();
	}
	return outcomes;
}

/** A browser opens a WebSocket to any site: only the server's look at Origin stops it. */
async function webSocketFrom(browser, url) {
	const page = await browser.newPage();
	await page.goto(url, WAIT);
	const event = await page.evaluate((to) => {
		const socket = new WebSocket(to);
		return new Promise((resolve) => {
			socket.onopen = socket.onerror = ({ type }) => resolve(type);
		});
	}, app.href.replace("http", "ws"));
	await page.close();
	return event;
}

async function readPage(browser) {
	const page = await browser.newPage();
	await page.goto(app.href, WAIT);
	await page.waitForFunction(() => document.querySelectorAll("#stories small").length > 0, null, WAIT);
	const items = await page.$$eval("#stories li", (list) => list.map((item) => item.innerText));
	const own = await page.evaluate(attempts.fetch, new URL("stories", app).href);
	const title = await page.title();
	await page.close();
	return { title, items, own: JSON.parse(own).length };
}

async function followLink(browser, url) {
	const page = await browser.newPage();
	await page.goto(url, WAIT);
	await page.evaluate((to) => {
		const link = document.createElement("a");
		link.href = to;
		link.textContent = "to the newsroom";
		document.body.append(link);
	}, app.href);
	const [answer] = await Promise.all([
		page.waitForResponse((r) => r.url() === app.href, WAIT),
		page.click("a"),
	]);
	await page.close();
	return answer.status();
}

/** The attacker's name points to the app's address, as after DNS rebinding. */
async function rebind() {
	const browser = await start(`--host-resolver-rules=MAP evil.example ${app.hostname}`);
	const page = await browser.newPage();
	const answer = await page.goto(`http://evil.example:${app.port}/`, WAIT);
	const outcome = [answer.status(), await answer.text()];
	await browser.close();
	return outcome;
}

const browser = await start();
const other = await site("127.0.0.2");
const neighbour = await site(app.hostname); // another port of the same address: "same-site"
const outcome = {
	page: await readPage(browser),
	other: await tryFrom(browser, other.url),
	neighbour: await tryFrom(browser, neighbour.url),
	webSocket: await webSocketFrom(browser, other.url),
	link: await followLink(browser, other.url),
};
await browser.close();
other.close();
neighbour.close();
outcome.rebound = await rebind();
console.log(JSON.stringify(outcome));
