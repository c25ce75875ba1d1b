package desk

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/time/rate"

	"raisehand/uploader/desk/store"
)

// argon2id's cost: one of the settings OWASP's password storage cheat sheet
// names as equal to its first choice. 46 MiB and some 60 ms.
const (
	argonMemory = 46 << 10 // KiB
	argonTime   = 1
	argonLanes  = 1
)

// HashPassword turns a password into what the store keeps.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, 32)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(key))
}

// passwordFits compares, with the cost that the hash was made with.
func passwordFits(hash, password string) bool {
	var version, memory, times, lanes int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &times, &lanes); err != nil || version != argon2.Version {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 || times < 1 || lanes < 1 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(times), uint32(memory), uint8(lanes), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// nobody is checked when a name is unknown, so that it takes as long as one
// that is not.
var nobody = sync.OnceValue(func() string { return HashPassword(NewSecret(4)) })

// alphabet has no two characters that look alike: no i, l, o and 1.
var alphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz234567890").WithPadding(base32.NoPadding)

// NewSecret makes a random secret that can be read aloud and typed: groups of
// five characters, 25 bits each.
func NewSecret(groups int) string {
	b := make([]byte, groups*5) // more than is used
	rand.Read(b)
	text := alphabet.EncodeToString(b)
	parts := make([]string, groups)
	for i := range parts {
		parts[i] = text[i*5 : i*5+5]
	}
	return strings.Join(parts, "-")
}

// HashKey is how an enrolment key is kept; hyphens, spaces and capitals do not
// matter, since people type it.
func HashKey(key string) []byte {
	return hashOf(strings.NewReplacer("-", "", " ", "", "\n", "", "\r", "", "\t", "").Replace(strings.ToLower(key)))
}

// signedIn is a technician's session.
type signedIn struct {
	store.Account
	session []byte // its hash
	csrf    string
}

type technicianKey struct{}

// technician is who speaks.
func technician(ctx context.Context) (signedIn, error) {
	who, ok := ctx.Value(technicianKey{}).(signedIn)
	if !ok {
		return who, signedOut
	}
	return who, nil
}

var signedOut = refusal{Code: "desk.signed_out", Status: http.StatusUnauthorized}

// cookieName: the prefix makes browsers refuse the cookie from anywhere but
// this very host over https.
func cookieName(secure bool) string {
	if secure {
		return "__Host-raisehand"
	}
	return "raisehand"
}

func (d *Desk) cookie(value string, age time.Duration) http.Cookie {
	return http.Cookie{Name: cookieName(d.Secure), Value: value, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteStrictMode}
}

// csrfOf is the token that only the console can know, made from the session's.
func csrfOf(token string) string { return encode(hashOf("csrf " + token)) }

// technician knows a technician by the session's cookie, and believes a change
// only with the CSRF token beside it.
func (d *Desk) technician(ctx context.Context, r *http.Request) (context.Context, error) {
	c, err := r.Cookie(cookieName(d.Secure))
	if err != nil || c.Value == "" {
		return ctx, signedOut
	}
	hash := hashOf(c.Value)
	a, err := d.Store.Session(ctx, hash, d.Now())
	if err == store.ErrNotFound {
		return ctx, signedOut
	}
	if err != nil {
		return ctx, err
	}
	who := signedIn{a, hash, csrfOf(c.Value)}
	if r.Method != http.MethodGet && r.Method != http.MethodHead &&
		subtle.ConstantTimeCompare([]byte(r.Header.Get("X-CSRF-Token")), []byte(who.csrf)) != 1 {
		return ctx, refusal{Code: "desk.csrf", Status: http.StatusForbidden}
	}
	return context.WithValue(ctx, technicianKey{}, who), nil
}

func (d *Desk) signIn(ctx context.Context, in *signInIn) (*meOut, error) {
	from, _ := ctx.Value(fromKey{}).(string)
	name := strings.TrimSpace(in.Body.Name)
	if err := d.failures.check(d.Now(), from, name); err != nil {
		return nil, err
	}
	a, err := d.Store.Account(ctx, store.Tenant, name)
	hash := a.Password
	if err == store.ErrNotFound {
		hash, err = nobody(), nil
	}
	if err != nil {
		return nil, err
	}
	select {
	case d.argon <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	fits := passwordFits(hash, in.Body.Password)
	<-d.argon
	if !fits || a.Name == "" {
		d.failures.count(d.Now(), from, name)
		d.Log.Warn("sign-in refused", "from", from)
		return nil, refusal{Code: "desk.sign_in_wrong", Status: http.StatusUnauthorized}
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	token := encode(secret)
	if err := d.Store.StartSession(ctx, a, hashOf(token), d.Now(), d.Now().Add(sessionTime)); err != nil {
		return nil, err
	}
	me, err := d.me(ctx, signedIn{a, hashOf(token), csrfOf(token)})
	return &meOut{d.cookie(token, sessionTime), me}, err
}

func (d *Desk) signOut(ctx context.Context, _ *nothing) (*byeOut, error) {
	who, err := technician(ctx)
	if err != nil {
		return nil, err
	}
	return &byeOut{d.cookie("", -time.Second)}, d.Store.EndSession(ctx, who.session)
}

// failures slows down guessing. Wrong answers are counted under the caller's
// address together with the name, and under the address alone, more of them: a
// whole school may stand behind one. When the count is used up, one more is
// allowed every half minute.
type failures struct {
	mu sync.Mutex
	by map[string]*rate.Limiter
}

const (
	guessesOfName    = 10
	guessesOfAddress = 50
)

// headings are where a wrong answer is counted, with how many are allowed.
func headings(address, name string) map[string]int {
	return map[string]int{address: guessesOfAddress, address + " " + name: guessesOfName}
}

func (f *failures) check(now time.Time, address, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for h := range headings(address, name) {
		if l := f.by[h]; l != nil && l.TokensAt(now) < 1 {
			wait := 1 + int((1-l.TokensAt(now))/float64(l.Limit()))
			return refusal{Code: "desk.slow_down", Status: http.StatusTooManyRequests,
				Header: http.Header{"Retry-After": {strconv.Itoa(wait)}}}
		}
	}
	return nil
}

func (f *failures) count(now time.Time, address, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil {
		f.by = map[string]*rate.Limiter{}
	}
	if len(f.by) > 10_000 { // forget who has been quiet
		for h, l := range f.by {
			if l.TokensAt(now) >= float64(l.Burst()) {
				delete(f.by, h)
			}
		}
	}
	for h, allowed := range headings(address, name) {
		if f.by[h] == nil {
			f.by[h] = rate.NewLimiter(rate.Every(30*time.Second), allowed)
		}
		f.by[h].AllowN(now, 1)
	}
}
