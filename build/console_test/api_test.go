package consoletest

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/uuid"

	"raisehand/assets/help"
	"raisehand/assets/words"
	"raisehand/uploader/deskapi"
)

// The commands of the document about the interface, one after the other, as
// they stand there.
func TestTheInterfaceIsAsItsDocumentSays(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("the document's commands need curl: apt-get install -y curl")
	}
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) {
			desk := startDesk(t)
			id, err := uuid.NewV7()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			env := append(os.Environ(), "DESK="+desk.URL, "NAME="+technician, "PASSWORD="+password, "ID="+id.String(),
				"KEY="+strings.TrimSpace(desk.command("", "enroll-key", "new")))
			_, markdown, _ := help.Text(lang, "it-api")
			var answers []string
			for line := range strings.Lines(string(markdown)) {
				if !strings.HasPrefix(line, "curl ") {
					continue
				}
				cmd := exec.CommandContext(t.Context(), "bash", "-euc", line)
				cmd.Env, cmd.Dir = env, dir
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				answers = append(answers, string(out))
				var enrolled deskapi.Enrolled
				if json.Unmarshal(out, &enrolled) == nil && enrolled.Token != "" {
					env = append(env, "TOKEN="+enrolled.Token)
				}
			}
			if len(answers) != 6 {
				t.Fatalf("%d commands were found", len(answers))
			}
			var ticket, again deskapi.Status
			if err := json.Unmarshal([]byte(answers[1]), &ticket); err != nil || ticket.Number == 0 || ticket.Deadline == nil {
				t.Errorf("the ticket was answered %s", answers[1])
			}
			if err := json.Unmarshal([]byte(answers[2]), &again); err != nil || again.ID != id.String() || again.State != deskapi.Received {
				t.Errorf("the ticket stands %s", answers[2])
			}
			if !strings.Contains(answers[3], "data:") {
				t.Errorf("the events are %s", answers[3])
			}
			var me deskapi.Me
			if err := json.Unmarshal([]byte(answers[4]), &me); err != nil || me.Name != technician {
				t.Errorf("signing in was answered %s", answers[4])
			}
			if !strings.Contains(answers[5], id.String()) {
				t.Errorf("the queue is %s", answers[5])
			}
		})
	}
}
