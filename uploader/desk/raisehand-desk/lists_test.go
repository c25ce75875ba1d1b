package main

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"raisehand/uploader/deskapi"
)

func TestARevokedKeyEnrolsNoMore(t *testing.T) {
	data := filepath.Join(t.TempDir(), "desk")
	key, said, _ := ran(t, "enroll-key", "new", "--data", data)
	other, _, _ := ran(t, "enroll-key", "new", "--data", data)
	id := regexp.MustCompile(`listed as ([0-9a-f]{8})\.`).FindStringSubmatch(said)
	if id == nil {
		t.Fatalf("no ID in %q", said)
	}
	desk := serve(t, data)
	client := &deskapi.Client{Base: desk.url}
	enrol := func(key string) error {
		_, err := client.Enrol(t.Context(), deskapi.Enrol{Key: strings.TrimSpace(key), Computer: "PC", OS: "linux"})
		return err
	}
	if err := enrol(key); err != nil {
		t.Fatal(err)
	}
	if list, _, _ := ran(t, "enroll-key", "list", "--data", data); !regexp.MustCompile(id[1] + `  \S+  499 `).MatchString(list) {
		t.Errorf("after one computer:\n%s", list)
	}
	if _, errs, code := ran(t, "enroll-key", "revoke", strings.ToUpper(id[1]), "--data", data); code != 0 {
		t.Error(errs)
	}
	if err := enrol(key); err == nil || !strings.Contains(err.Error(), "used up") {
		t.Errorf("with the revoked key: %v", err)
	}
	if err := enrol(other); err != nil {
		t.Errorf("with another: %v", err)
	}
	list, _, _ := ran(t, "enroll-key", "list", "--data", data)
	if strings.Contains(list, strings.TrimSpace(key)) || !regexp.MustCompile(id[1]+`  \S+  0 `).MatchString(list) {
		t.Errorf("afterwards:\n%s", list)
	}
}

func TestARemovedUserIsSignedOutAtOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "desk")
	password := output(t, "user", "add", "li", "--role", "technician", "--data", data)
	desk := serve(t, data)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	ask := func(method string) int {
		req, err := http.NewRequest(method, desk.url+"/v1/desk/session", strings.NewReader(`{"name":"li","password":"`+password+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if in, me := ask("POST"), ask("GET"); in != 200 || me != 200 {
		t.Fatal(in, me)
	}
	if _, errs, code := ran(t, "user", "remove", "li", "--data", data); code != 0 {
		t.Fatal(errs)
	}
	if me, in := ask("GET"), ask("POST"); me != 401 || in != 401 {
		t.Errorf("still signed in: %d, signs in again: %d", me, in)
	}
}

func TestChineseStandsBelowChinese(t *testing.T) {
	var b bytes.Buffer
	align(&b, [][]string{{"用户名", "角色"}, {"li\x1b", "admin"}, {"wangli", "admin"}})
	if want := "用户名  角色\nli\\x1b  admin\nwangli  admin\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
