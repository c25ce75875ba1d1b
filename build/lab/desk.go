package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"raisehand/uploader/deskapi"
)

// Desk is the desk's own program on loopback, with one technician.
type Desk struct {
	URL     string
	KeyFile string // holds an enrolment key
	data    string
	program string
	serving *exec.Cmd
}

const technician, password = "li.wei", "correct horse 48"

// StartDesk starts a desk that keeps its data below dir.
func StartDesk(dir string) (*Desk, error) {
	program, err := Program("raisehand-desk")
	if err != nil {
		return nil, err
	}
	d := &Desk{program: program, data: filepath.Join(dir, "desk"), KeyFile: filepath.Join(dir, "key")}
	if _, err := d.command(password+"\n", "user", "add", technician, "--role", "technician", "--password-stdin"); err != nil {
		return nil, err
	}
	if err := d.NewKey(); err != nil {
		return nil, err
	}
	d.serving = exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", d.data, "--contact-name", "IT office", "--contact-phone", "8001")
	d.serving.Env = Bare()
	out, err := d.serving.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var errs bytes.Buffer
	d.serving.Stderr = &errs
	if err := d.serving.Start(); err != nil {
		return nil, fmt.Errorf("start the desk: %w", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			d.URL = strings.TrimSpace(address)
			go io.Copy(io.Discard, out)
			return d, nil
		}
	}
	d.Stop()
	return nil, fmt.Errorf("the desk does not listen: %s", errs.String())
}

// NewKey puts a fresh enrolment key into KeyFile.
func (d *Desk) NewKey() error {
	key, err := d.command("", "enroll-key", "new")
	if err != nil {
		return err
	}
	return os.WriteFile(d.KeyFile, []byte(key), 0o600)
}

func (d *Desk) command(in string, args ...string) (string, error) {
	cmd := exec.Command(d.program, append(args, "--data", d.data)...)
	cmd.Env, cmd.Stdin = Bare(), strings.NewReader(in)
	a, err := Run(cmd)
	if err == nil && a.Code != 0 {
		err = fmt.Errorf("raisehand-desk %v: exit %d: %s", args, a.Code, a.Err)
	}
	return a.Out, err
}

// Stop ends the desk.
func (d *Desk) Stop() {
	d.serving.Process.Kill()
	d.serving.Wait()
}

// Technician is signed in at the desk.
type Technician struct {
	base   string
	client *http.Client
	csrf   string
}

// SignIn is the technician's, by the API that the console uses.
func (d *Desk) SignIn() (*Technician, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	t := &Technician{base: d.URL + "/v1/desk", client: &http.Client{Jar: jar}}
	var me deskapi.Me
	if err := t.do("POST", "/session", deskapi.SignIn{Name: technician, Password: password}, &me); err != nil {
		return nil, err
	}
	t.csrf = me.CSRF
	return t, nil
}

// Search lists the tickets, closed ones too, in which the words occur.
func (t *Technician) Search(words string) ([]deskapi.QueueItem, error) {
	var q deskapi.Queue
	err := t.do("GET", "/tickets?state=all&q="+url.QueryEscape(words), nil, &q)
	return q.Tickets, err
}

// Page is everything about one ticket.
func (t *Technician) Page(id string) (p deskapi.Page, err error) {
	err = t.do("GET", "/tickets/"+id, nil, &p)
	return p, err
}

// File is an attachment's content.
func (t *Technician) File(id, name string) (raw []byte, err error) {
	err = t.do("GET", "/tickets/"+id+"/files/"+name, nil, &raw)
	return raw, err
}

// do calls the desk; out may be *[]byte for the body as it is.
func (t *Technician) do(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, t.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-CSRF-Token", t.csrf)
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	if p, ok := out.(*[]byte); ok {
		*p = raw
		return nil
	}
	return json.Unmarshal(raw, out)
}
