#!/bin/bash
# Builds what a micro-VM with virtual cameras boots: the distribution's own kernel, its
# `vivid` (cameras), `snd-aloop` (sound card) and `veth` (network cable) modules, and a first program.
# Nothing is done when it is there already. Takes ten seconds and 80 MB.
#
#   build/vm/build.sh            into .cache/vm
#   RAISEHAND_VM=DIR build/vm/build.sh
#
# Needs: apt-get install -y --no-install-recommends \
#          qemu-system-x86 busybox-static cpio kmod xz-utils v4l-utils
# The kernel package is only downloaded and unpacked, never installed, so an
# ordinary user can run this.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${RAISEHAND_VM:-$here/../../.cache/vm}
modules="vivid snd-aloop veth"

for need in busybox cpio modinfo xz dpkg-deb apt-get v4l2-ctl; do
	PATH=$PATH:/usr/sbin:/sbin command -v $need >/dev/null ||
		{ echo "build/vm: $need is missing: apt-get install -y --no-install-recommends qemu-system-x86 busybox-static cpio kmod xz-utils v4l-utils" >&2; exit 2; }
done
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$out"
out=$(cd "$out" && pwd)

# One builder at a time; the others find its work done.
exec 9>"$out/lock"
flock 9
stamp=$(sha256sum <"$here/build.sh" | cut -c1-16)
[ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ] && exit 0
rm -f "$out/stamp"

# kernel_packages prints the newest kernel that the distribution offers, and
# where its modules are if they are packed apart, as Ubuntu does.
kernel_packages() {
	local meta image
	for meta in linux-image-amd64 linux-image-generic; do
		image=$(depends $meta 'linux-image-[0-9]')
		[ -n "$image" ] || continue
		echo $image $(depends $meta 'linux-modules-extra-[0-9]') $(depends "$image" 'linux-modules-[0-9]')
		return
	done
}

depends() { apt-cache depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \\($2.*\\)/\\1/p" | head -1; }

# download fetches the kernel, once.
download() {
	[ -d "$out/packages" ] && return
	local packages
	packages=$(kernel_packages)
	[ -n "$packages" ] || { echo "build/vm: apt knows no kernel package; apt-get update first" >&2; exit 2; }
	mkdir "$work/packages"
	(cd "$work/packages" && apt-get download -q -o APT::Sandbox::User=root $packages >/dev/null)
	mv "$work/packages" "$out/packages"
}

# uncompressed turns the kernel's image into the ELF file inside it, which a
# microvm starts at once; unpacking itself, emulated, would take seconds.
uncompressed() {
	local image=$1 to=$2 at
	for kind in 'xz:\xfd7zXZ\x00' 'zstd:\x28\xb5\x2f\xfd' 'gzip:\x1f\x8b\x08'; do
		for at in $(LC_ALL=C grep -aobP "${kind#*:}" "$image" | head -4 | cut -d: -f1); do
			case ${kind%%:*} in
			xz) tail -c+$((at + 1)) "$image" | xz -dc --single-stream >"$to" 2>/dev/null || true ;;
			zstd) tail -c+$((at + 1)) "$image" | zstd -dcq >"$to" 2>/dev/null || true ;;
			gzip) tail -c+$((at + 1)) "$image" | gzip -dc >"$to" 2>/dev/null || true ;;
			esac # each complains about what follows the archive
			[ "$(head -c4 "$to" | tail -c3)" = ELF ] && return
		done
	done
	cp "$image" "$to" # slower, but it starts
}

# add_module copies a module after those it needs and writes the order down.
add_module() {
	local name=${1//_/-} order=$2 file dep
	file=$(find "$kernel/lib/modules" -name "$name.ko*" -o -name "${name//-/_}.ko*" | head -1)
	[ -n "$file" ] || return 0 # built into the kernel
	grep -qx "$name.ko" "$order" && return
	for dep in $(modinfo -F depends "$file" | tr , ' '); do add_module "$dep" "$order"; done
	case $file in
	*.xz) xz -dc "$file" >"$root/m/$name.ko" ;;
	*.zst) zstd -dcq "$file" >"$root/m/$name.ko" ;;
	*) cp "$file" "$root/m/$name.ko" ;;
	esac
	echo "$name.ko" >>"$order"
}

# add_program copies a program of this machine with the libraries it names.
add_program() {
	local file
	mkdir -p "$root/usr/bin"
	cp "$(command -v "$1")" "$root/usr/bin/"
	for file in $(ldd "$(command -v "$1")" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$file")"
		cp -L "$file" "$root$file"
	done
}

work=$(mktemp -d "$out/work.XXXX")
trap 'rm -rf "$work"' EXIT
kernel=$work/kernel root=$work/root
download
for deb in "$out"/packages/*.deb; do dpkg-deb -x "$deb" "$kernel"; done
uncompressed "$(ls "$kernel"/boot/vmlinuz-* | head -1)" "$out/vmlinux"

mkdir -p "$root"/{bin,m,proc,sys,dev,tmp,t,etc,run}
chmod 1777 "$root/tmp"
cp "$(command -v busybox)" "$root/bin/"
for applet in sh mount insmod rmmod cat echo sleep reboot chmod ls dd printf mkdir ps; do
	ln -s busybox "$root/bin/$applet"
done
for m in $modules; do
	: >"$root/m/$m.order"
	add_module "$m" "$root/m/$m.order"
done
add_program v4l2-ctl

# load MODULE [PARAMETER=VALUE …]: with everything it needs.
cat >"$root/bin/load" <<'EOF'
#!/bin/sh
name=$1; shift
while read -r m; do
	case $m in $name.ko) insmod /m/$m "$@" ;; *) insmod /m/$m 2>/dev/null ;; esac
done </m/$name.order
EOF
# The guest runs /t/run and hands its exit code to the machine's exit port.
cat >"$root/init" <<'EOF'
#!/bin/sh
export PATH=/bin:/usr/bin
mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys
mkdir -p /dev/shm
/t/run >/dev/console 2>&1 </dev/null
rc=$?
printf "\\x$(printf %02x $rc)" | dd of=/dev/port bs=1 seek=244 count=1 2>/dev/null
reboot -f
EOF
chmod +x "$root/init" "$root/bin/load"
(cd "$root" && find . | cpio -o -H newc --quiet --owner=0:0) >"$out/base.cpio"
echo "$stamp" >"$out/stamp"
