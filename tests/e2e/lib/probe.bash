# SPDX-License-Identifier: GPL-3.0-or-later
# For tests that use tests/kits/probe: telling its workloads what to do. After app.bash.

# start_probe [OPTION...]
start_probe() {
	set_secret "$KITS/probe" wire_token "$WIRE_TOKEN" && start_app "$KITS/probe" "$@"
}

# tell WORKLOAD STEP: the workload carries out the step (see tests/kits/probe/shared/probe.ts).
tell() {
	local url=$APP_URL/do step=$2
	case $1 in
	editor) url=$APP_URL/editor/do ;;
	archive) step="{\"ask\": \"archive\", \"do\": $step}" ;;
	wire) step="{\"ask\": \"archive\", \"do\": {\"ask\": \"wire\", \"do\": $step}}" ;;
	esac
	curl -sS -m 20 --data-binary "$step" "$url"
}

# quoted TEXT: as a JSON string; \r, \n and \0 in it may be written so.
quoted() {
	"$BUN" -e 'console.log(JSON.stringify(process.argv[1].replace(/\\([rn0])/g,
		(_, c) => ({ r: "\r", n: "\n", 0: "\0" })[c])))' "$1"
}

# send WORKLOAD SOCKET TEXT: what comes back when the workload writes these bytes on a Unix socket.
send() {
	tell "$1" "{\"raw\": {\"socket\": \"$2\", \"send\": $(quoted "$3")}}"
}

# status_of RESPONSE: the number in its first line.
status_of() {
	local first=${1%%$'\r'*}
	first=${first#HTTP/1.1 }
	printf '%s\n' "${first%% *}"
}

# on_bridge WORKLOAD LINES: the lines that come back on the workload's bridge. Lines end in \n.
on_bridge() {
	tell "$1" "{\"bridge\": $(quoted "$2")}"
}

# bridge_response WORKLOAD LINES CONTENT-TYPE: the same as it comes, head and body.
bridge_response() {
	local body
	body=$(printf '%b' "$2x")
	send "$1" /run/capakit/bridge.sock "POST /rpc HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\
Content-Type: $3\r\nContent-Length: $((${#body} - 1))\r\n\r\n$2"
}
