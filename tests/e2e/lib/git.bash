# SPDX-License-Identifier: GPL-3.0-or-later
# For tests of Kits from git, after tests/e2e/lib/app.bash: repositories, and a remote that speaks https.

GIT=(git -c user.name=tests -c user.email=tests@example.org -c init.defaultBranch=main -c commit.gpgsign=false)

# commit FOLDER: what is in it becomes a commit of a repository there; its id is then in COMMIT.
commit() {
	[[ -d $1/.git ]] || "${GIT[@]}" -C "$1" init -q
	"${GIT[@]}" -C "$1" add -A
	"${GIT[@]}" -C "$1" commit -q --allow-empty -m "a commit"
	COMMIT=$(git -C "$1" rev-parse HEAD)
}

# start_https FOLDER: the repositories below FOLDER at $HTTPS_URL, with a certificate that
# SSL_CERT_FILE trusts. Each line of $TMPDIR/https.log is one request.
start_https() {
	local folder=$TMPDIR/https
	mkdir -p "$folder"
	openssl req -x509 -newkey ed25519 -nodes -keyout "$folder/key.pem" -out "$folder/cert.pem" \
		-days 2 -subj /CN=tests -addext subjectAltName=IP:127.0.0.1,DNS:localhost 2>/dev/null
	export SSL_CERT_FILE=$folder/cert.pem
	ln -sf "$BUN" "$folder/remote" # a name that `running` of life.bash does not take for a workload
	"$folder/remote" "$CAPAKIT_SOURCE/tests/e2e/lib/git_https.ts" "$1" "$folder" >>"$TMPDIR/https.log" 2>&1 &
	HTTPS_PID=$!
	wait_for 20 grep -q '^listening ' "$TMPDIR/https.log" || return 1
	HTTPS_URL=https://127.0.0.1:$(sed -n 's/^listening //p' "$TMPDIR/https.log")
}

# fetches: how many packs the https remote has been asked for.
fetches() {
	grep -c '^pack ' "$TMPDIR/https.log"
}
