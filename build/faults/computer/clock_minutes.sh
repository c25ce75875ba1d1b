# The computer's clock is eleven minutes slow.
# expect: system.clock_wrong
# lab: room
make()  { desk_clock 660; }
prove() { desk=$(date -d "$(client curl -sIk https://desk.school.example:8443/v1/time | sed -n 's/^[Dd]ate: //p')" +%s) && [ $((desk - $(client date +%s))) -gt 300 ]; }
undo()  { desk_clock 0; }
