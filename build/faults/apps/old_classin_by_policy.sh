# ClassIn is older than the school says it must be.
# expect: apps.class_old
# lab: room
make() {
	policy '{"min_versions": ["classin=5.0"]}'
	mkdir "$WORK/opt"
	cp /bin/sleep "$WORK/opt/classin"
	echo '4.2.7.1502' >"$WORK/opt/version"
	chmod -R a+rX "$WORK/opt"
	begin classin client "$WORK/opt/classin" 600
	await client pgrep -x classin
}
prove() { client pgrep -x classin >/dev/null && client grep -q '^4\.' "$WORK/opt/version"; }
undo()  { finish classin; }
