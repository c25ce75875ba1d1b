package icons

import "embed"

//go:embed tray/*-light.png tray/*-dark.png
var tray embed.FS

func file(state, ground string) string { return "tray/" + state + "-" + ground + ".png" }
