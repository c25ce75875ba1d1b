#!/bin/bash
# Boots the micro-VM that build.sh made, with DIR as /t, and runs DIR/run in it
# as root. What the guest prints comes out here; so does its exit code, or 99
# when the machine did not get that far.
#
#   build/vm/run.sh DIR [ROOT]     ROOT is laid over the guest's /
#
# RAISEHAND_VM: where build.sh put things (.cache/vm). VM_TIMEOUT: seconds (300).
# VM_CPUS: processors (1).
# Where the processor allows, the guest runs on it; otherwise, and with
# VM_EMULATE=1, it is emulated.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
vm=${RAISEHAND_VM:-$here/../../.cache/vm}
dir=${1:?usage: run.sh DIR [ROOT]}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/over/t"
[ -d "${2:-}" ] && cp -aL "$2/." "$work/over/"
cp -aL "$dir/." "$work/over/t/"
chmod 755 "$work/over" "$work/over/t"
# The kernel unpacks one archive after the other.
{ cat "$vm/base.cpio"; cd "$work/over" && find . | cpio -o -H newc --quiet --owner=0:0; } >"$work/initrd" || exit 98

if [ -z "${VM_EMULATE:-}" ] && grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
	how="-accel kvm -cpu host"
else
	how="-accel tcg,thread=multi -cpu Nehalem,-spec-ctrl"
fi
timeout -k 5 "${VM_TIMEOUT:-300}" qemu-system-x86_64 -M microvm,isa-serial=on,rtc=on,acpi=off $how -smp "${VM_CPUS:-1}" -m 512 \
	-nodefaults -no-user-config -display none -serial stdio -no-reboot \
	-device isa-debug-exit,iobase=0xf4,iosize=0x04 \
	-kernel "$vm/vmlinux" -initrd "$work/initrd" \
	-append "console=ttyS0 quiet loglevel=1 panic=-1 reboot=t nokaslr mitigations=off cryptomgr.notests random.trust_cpu=on no_timer_check rcupdate.rcu_expedited=1" </dev/null
rc=$?
# The exit port gives 2·code+1.
[ $((rc % 2)) = 1 ] && exit $((rc / 2))
exit 99
