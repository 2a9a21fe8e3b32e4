# SPDX-License-Identifier: GPL-3.0-or-later
# The builds that tests need, and the installation that end-to-end tests use.

build_preset() {
	local preset=$1
	shift
	heading "build $preset"
	cmake --preset "$preset" "$@" >"$WORK/configure.log" 2>&1 || {
		cat "$WORK/configure.log"
		printf 'not ok build/%s: configuring failed\n' "$preset" | record ''
		print_totals
		exit 1
	}
	cmake --build --preset "$preset" >"$WORK/build.log" 2>&1 || {
		grep -v '^\[' "$WORK/build.log"
		printf 'not ok build/%s: compiling failed\n' "$preset" | record ''
		print_totals
		exit 1
	}
	printf 'ok build/%s\n' "$preset" | record ''
}

# Where deploy/setup puts toolchains.
set_up_toolchains() {
	if [[ -n ${CAPAKIT_HOME:-} ]]; then
		printf '%s/data/toolchains\n' "$CAPAKIT_HOME"
	elif [[ ${XDG_DATA_HOME:-} == /* ]]; then
		printf '%s/capakit/toolchains\n' "$XDG_DATA_HOME"
	else
		printf '%s/.local/share/capakit/toolchains\n' "$HOME"
	fi
}

# An installation of PRESET with its toolchain, and the files that tests read, where any user can reach them.
lay_out_installation() {
	local toolchains=$WORK/prefix/lib/capakit/toolchains/bun part
	heading "install $PRESET"
	rm -rf "$WORK/prefix" "$WORK/source" "$WORK/programs" # of another preset
	cmake --install "build/$PRESET" --prefix "$WORK/prefix" >"$WORK/install.log"
	mkdir -p "$toolchains" "$WORK/source"
	cp -RL "$(set_up_toolchains)/bun/current" "$toolchains/current"
	for part in tests examples proto docs controller/attack/data; do
		if [[ -d $part ]]; then
			cp -R --parents "$part" "$WORK/source/"
		fi
	done
	cp -R "build/$PRESET/tests" "$WORK/programs"
	chmod -R go+rX "$WORK/prefix" "$WORK/source" "$WORK/programs"
	printf 'installed into %s\n' "$WORK/prefix"
}
