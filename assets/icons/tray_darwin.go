package icons

import "embed"

//go:embed tray/*-template.png
var tray embed.FS

func file(state, _ string) string { return "tray/" + state + "-template.png" }
