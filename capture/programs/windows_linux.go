package programs

import (
	"io"
	"os"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// titles reads the windows of an X desktop. Wayland shows nobody the windows
// of others, except those that are X programs.
func titles() []window {
	if os.Getenv("DISPLAY") == "" {
		return nil
	}
	xgb.Logger.SetOutput(io.Discard) // it talks of every display that is not there
	c, err := xgb.NewConn()
	if err != nil {
		return nil
	}
	end := time.AfterFunc(look, c.Close) // a server that hangs answers nobody else either
	defer func() {
		if end.Stop() {
			c.Close()
		}
	}()
	setup := xproto.Setup(c)
	if setup == nil || len(setup.Roots) == 0 {
		return nil
	}
	atoms := map[string]xproto.Atom{}
	asked := map[string]xproto.InternAtomCookie{}
	for _, name := range []string{"_NET_CLIENT_LIST", "_NET_WM_NAME", "_NET_WM_PID"} {
		asked[name] = xproto.InternAtom(c, true, uint16(len(name)), name)
	}
	for name, cookie := range asked {
		if reply, err := cookie.Reply(); err == nil && reply != nil {
			atoms[name] = reply.Atom
		}
	}
	return namedWindows(c, setup.Roots[0].Root, atoms)
}

// mostWindows bounds what is read: far more than anyone has open.
const mostWindows = 500

func namedWindows(c *xgb.Conn, root xproto.Window, atoms map[string]xproto.Atom) (all []window) {
	list, err := xproto.GetProperty(c, false, root, atoms["_NET_CLIENT_LIST"], xproto.GetPropertyTypeAny, 0, mostWindows).Reply()
	if err != nil || list == nil || list.Format != 32 {
		return nil
	}
	type question struct{ name, pid xproto.GetPropertyCookie }
	var questions []question
	for i := 0; i+4 <= len(list.Value); i += 4 {
		w := xproto.Window(xgb.Get32(list.Value[i:]))
		questions = append(questions, question{
			xproto.GetProperty(c, false, w, atoms["_NET_WM_NAME"], xproto.GetPropertyTypeAny, 0, 64),
			xproto.GetProperty(c, false, w, atoms["_NET_WM_PID"], xproto.GetPropertyTypeAny, 0, 1),
		})
	}
	for _, q := range questions {
		name, err := q.name.Reply()
		pid, pidErr := q.pid.Reply()
		if err != nil || pidErr != nil || name == nil || pid == nil || len(pid.Value) < 4 {
			continue // closed meanwhile, or without a name
		}
		all = append(all, window{int(xgb.Get32(pid.Value)), string(name.Value)})
	}
	return all
}
