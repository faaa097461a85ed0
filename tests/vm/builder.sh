# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For scripts that build modules for a guest's kernel, whose env file they have
# read: in_builder COMMAND runs it where that kernel's compiler is. Another
# release's compiler sees the repository and the cache at their places in its own
# root, in a mount namespace that goes when the command ends.

in_builder() { # COMMAND [ARGUMENT]...
	if [ -z "${BUILD_ROOT:-}" ]; then
		"$@"
		return
	fi
	local as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(sudo)
	# shellcheck disable=SC2016
	"${as_root[@]}" unshare --mount bash -ec '
		root=$1 owner=$2 places=("$3" "$4")
		shift 4
		for place in "${places[@]}"; do
			mkdir -p "$root$place"
			mount --bind "$place" "$root$place"
		done
		mount -t proc proc "$root/proc"
		exec chroot --userspec="$owner" "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
		build "$BUILD_ROOT" "$(id -u):$(id -g)" "${top:-$PWD}" "$KROOT" "$@"
}
