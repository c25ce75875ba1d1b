# The computer's clock is three days fast: its battery is empty.
# expect: system.clock_wrong
# lab: room
make()  { desk_clock -259200; }
prove() { desk=$(date -d "$(client curl -sIk https://desk.school.example:8443/v1/time | sed -n 's/^[Dd]ate: //p')" +%s) && [ $(($(client date +%s) - desk)) -gt 86400 ]; }
undo()  { desk_clock 0; }
