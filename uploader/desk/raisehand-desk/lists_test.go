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

func TestTheLanguageIsChosenWhereverItStands(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{{"--lang", "zh", "contact", "show", "--data", data}, {"contact", "--lang=zh", "show", "--data", data}, {"contact", "show", "--data", data, "--lang", "zh"}} {
		if _, errs, code := ran(t, args...); code != 1 || !strings.Contains(errs, "没有服务台") {
			t.Errorf("%v: %d %q", args, code, errs)
		}
	}
	if _, errs, code := ran(t, "--lang", "fr", "version"); code != 2 || !strings.Contains(errs, "fr") {
		t.Errorf("--lang fr: %d %q", code, errs)
	}
}

func TestAnAccountThatIsThereIsSaidToBeChanged(t *testing.T) {
	data := t.TempDir()
	add := []string{"user", "add", "chen", "--role", "technician", "--data", data}
	for i, want := range []string{"can sign in", "had an account already"} {
		if _, errs, code := ran(t, add...); code != 0 || !strings.Contains(errs, want) {
			t.Errorf("time %d: %d %q", i+1, code, errs)
		}
	}
	if out, errs, code := ran(t, "contact", "show", "--data", data); code != 0 || out != "" || !strings.Contains(errs, "no contact yet") {
		t.Errorf("no contact: %d %q %q", code, out, errs)
	}
}
