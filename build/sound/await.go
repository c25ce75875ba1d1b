//go:build linux

package sound

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// AwaitRecorder returns once a program records from the microphone.
func (s *Server) AwaitRecorder() {
	s.t.Helper()
	if err := s.awaitRecorder(); err != nil {
		s.t.Fatalf("wait for a program that records: %v", err)
	}
}

func (s *Server) awaitRecorder() error {
	changed := make(chan struct{}, 1)
	c, hangUp, err := s.dial(func(any) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer hangUp()
	// Subscribed before the first look, so that nothing falls between.
	if err := c.Request(&proto.Subscribe{Mask: proto.SubscriptionMaskSourceInput}, nil); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	late := time.After(patience)
	for {
		yes, err := recorded(c)
		if err != nil || yes {
			return err
		}
		select {
		case <-changed:
		case <-late:
			return fmt.Errorf("nobody did within %v", patience)
		}
	}
}

// dial asks the server without pactl, for what needs events.
func (s *Server) dial(event func(any)) (*proto.Client, func(), error) {
	conn, err := net.Dial("unix", filepath.Join(s.RuntimeDir(), "pulse", "native"))
	if err != nil {
		return nil, nil, err
	}
	cookie, err := os.ReadFile(s.path("home/.config/pulse/cookie"))
	if s.parts != nil { // it asks for none
		cookie, err = make([]byte, 256), nil
	}
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	c := &proto.Client{Callback: event}
	c.SetTimeout(patience)
	c.Open(conn)
	var hello proto.AuthReply
	if err := c.Request(&proto.Auth{Version: c.Version(), Cookie: cookie}, &hello); err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("sign in: %w", err)
	}
	c.SetVersion(hello.Version)
	me := proto.PropList{"application.name": proto.PropListString("test")}
	if err := c.Request(&proto.SetClientName{Props: me}, &proto.SetClientNameReply{}); err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("say who asks: %w", err)
	}
	return c, func() { conn.Close() }, nil
}

// recorded says whether a program records from the microphone.
func recorded(c *proto.Client) (bool, error) {
	var mic proto.GetSourceInfoReply
	if err := c.Request(&proto.GetSourceInfo{SourceIndex: proto.Undefined, SourceName: Mic}, &mic); err != nil {
		return false, fmt.Errorf("look at the microphone: %w", err)
	}
	var streams proto.GetSourceOutputInfoListReply
	if err := c.Request(&proto.GetSourceOutputInfoList{}, &streams); err != nil {
		return false, fmt.Errorf("list who records: %w", err)
	}
	for _, x := range streams {
		if x.SourceIndex == mic.SourceIndex {
			return true, nil
		}
	}
	return false, nil
}
