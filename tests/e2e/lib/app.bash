# SPDX-License-Identifier: GPL-3.0-or-later
# For end-to-end tests in bash, after tests/lib/case.bash: starting apps, asking them, waiting.

KITS=$CAPAKIT_SOURCE/tests/kits
NEWSROOM=$CAPAKIT_SOURCE/examples/newsroom
WIRE_TOKEN=wire-token-that-nothing-may-show

# wait_for SECONDS COMMAND...: until the command succeeds; fails when the time is over.
wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= deadline)); then
			printf 'waited in vain for: %s\n' "$*" >&2
			return 1
		fi
		sleep 0.05
	done
}

# set_secret KIT NAME VALUE
set_secret() {
	local output
	if ! output=$(printf %s "$3" | "$CAPAKIT" secret set --kit "$1" "$2" 2>&1); then
		not_ok "set-secret-$2" "$output"
		return 1
	fi
}

# start_app KIT [OPTION...]: `up -d`; the app's URL is then in APP_URL (its first one, without a
# final slash), its name in APP_NAME. What up printed stays in $TMPDIR/up.out and $TMPDIR/up.err.
start_app() {
	local kit=$1
	shift
	if ! "$CAPAKIT" up "$kit" -d "$@" >"$TMPDIR/up.out" 2>"$TMPDIR/up.err"; then
		not_ok "up-${kit##*/}" "$(cat "$TMPDIR/up.out" "$TMPDIR/up.err")"
		return 1
	fi
	APP_NAME=$(sed -n 's/.*App \[\(.*\)\] is running.*/\1/p' "$TMPDIR/up.out")
	APP_URL=$(sed -n 's,.* url=\(http://[^/]*\).*,\1,p' "$TMPDIR/up.out" | head -n 1)
}

# start_newsroom [OPTION...]: the example, with its secret.
start_newsroom() {
	set_secret "$NEWSROOM" wire_token "$WIRE_TOKEN" && start_app "$NEWSROOM" "$@"
}

# stop_app [NAME]; a test's last words, so that nothing outlives it.
stop_app() {
	if ! "$CAPAKIT" down "${1:-$APP_NAME}" >"$TMPDIR/down.out" 2>&1; then
		not_ok "down-${1:-$APP_NAME}" "$(cat "$TMPDIR/down.out")"
		return 1
	fi
}

# json EXPRESSION: a JavaScript expression over `it`, the JSON document on standard input;
# texts are printed as they are, everything else as JSON. Fails when it is no JSON.
json() {
	"$BUN" -e '
		const it = JSON.parse(await Bun.stdin.text());
		const value = new Function("it", `return (${process.argv[1]})`)(it);
		console.log(typeof value === "string" ? value : JSON.stringify(value));
	' "$1"
}

# status EXPRESSION [NAME]: the same, over what `status --json` says of the app.
status() {
	"$CAPAKIT" status "${2:-$APP_NAME}" --json | json "((it) => $1)(it.apps[0])"
}

# pid_of WORKLOAD sandbox|sidecar
pid_of() {
	status "it.workloads.find((w) => w.key === '$1').$2_pid"
}

# http_status URL [CURL OPTION...]: only the number.
http_status() {
	curl -sS -o /dev/null -m 20 -w '%{http_code}' "$@"
}

# raw_request BYTES: what comes back on the app's port until it is closed; BYTES as for printf %b.
raw_request() {
	local authority=${APP_URL#http://} connection
	exec {connection}<>"/dev/tcp/${authority%:*}/${authority#*:}"
	printf '%b' "$1" >&"$connection"
	cat <&"$connection"
	exec {connection}>&-
}

# clients: the packages of tests/e2e/lib/package.json, in a folder of this test: CLIENTS.
install_clients() {
	CLIENTS=$TMPDIR/clients
	mkdir -p "$CLIENTS"
	cp "$CAPAKIT_SOURCE"/tests/e2e/lib/{package.json,bun.lock} "$CLIENTS/"
	cp "$CAPAKIT_SOURCE"/tests/e2e/lib/*.{ts,mjs} "$CLIENTS/"
	if ! (cd "$CLIENTS" && "$BUN" install --frozen-lockfile >install.log 2>&1); then
		not_ok "install-clients" "$(tail -5 "$CLIENTS/install.log")"
		return 1
	fi
}

# client FILE.ts ARGUMENT...: one of the programs beside this file, run with those packages.
client() {
	(cd "$CLIENTS" && exec "$BUN" "$@")
}

# json_lines EXPRESSION: json for each line of standard input; the results in one line.
json_lines() {
	local line
	while read -r line; do
		json "$1" <<<"$line"
	done | tr '\n' ' '
}
