package policy

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAPolicyThatOthersCouldWriteIsNotUsed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a file that counts as the school's")
	}
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"10-desk.json": 0o644, "20-open.json": 0o666} {
		path := filepath.Join(dir, name)
		os.WriteFile(path, []byte(`{"desk_url":"https://`+name+`"}`), 0o600)
		os.Chmod(path, mode)
	}
	layers, problems := ReadFolder(Managed, dir)
	if got := Load(layers...).Text("desk_url"); got != "https://10-desk.json" {
		t.Errorf("in force: %q", got)
	}
	if len(problems) != 1 || problems[0].Code != "settings.unsafe" {
		t.Errorf("problems %v", problems)
	}
}
