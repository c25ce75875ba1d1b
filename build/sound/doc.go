// Package sound gives a test its own sound server:
// start → a virtual microphone and speaker → speak, mute, unplug, freeze → gone.
//
// It needs pulseaudio, pulseaudio-utils and espeak-ng, for StartPipeWire also
// pipewire, pipewire-pulse, wireplumber and dbus, and touches no other sound
// server of the machine. Linux only.
package sound
