package icons

import "embed"

//go:embed tray/*.ico
var tray embed.FS

func file(state, ground string) string { return "tray/" + state + "-" + ground + ".ico" }
