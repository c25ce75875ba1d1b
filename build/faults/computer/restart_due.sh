# An update has been installed and waits for a restart.
# expect: system.restart_pending
# lab: room
make()  { admin sh -c 'echo "*** System restart required ***" >/run/reboot-required'; }
prove() { client grep -q 'restart required' /run/reboot-required; }
undo()  { admin rm -f /run/reboot-required; }
