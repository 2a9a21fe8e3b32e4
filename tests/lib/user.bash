# SPDX-License-Identifier: GPL-3.0-or-later
# The ordinary user as whom root runs the tests a second time: made for this run, removed after it.

ORDINARY_USER=

make_ordinary_user() {
	local name=capatest$$
	useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$name"
	ORDINARY_USER=$name
}

remove_ordinary_user() {
	local process
	if [[ -z $ORDINARY_USER ]]; then
		return 0
	fi
	for process in $(pgrep -u "$ORDINARY_USER"); do
		kill -KILL "$process" 2>/dev/null || true
	done
	userdel "$ORDINARY_USER" || true
	ORDINARY_USER=
}
