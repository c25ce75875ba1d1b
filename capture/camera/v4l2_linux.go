package camera

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The part of linux/videodev2.h that reading a camera needs. The libraries at
// hand hide the size that the driver chose, the damaged-frame flag and the
// difference between busy and broken, which is all that a check is after.

const (
	capCapture         = 0x00000001
	capPlanes          = 0x00001000 // captures too, each colour in a buffer of its own
	capOutput          = 0x00000002 | 0x00002000
	capM2M             = 0x00008000 | 0x00004000
	capStreaming       = 0x04000000
	capMediaController = 0x20000000
	capDeviceCaps      = 0x80000000

	typeCapture = 1 // V4L2_BUF_TYPE_VIDEO_CAPTURE
	memoryMmap  = 1
	flagError   = 0x40 // V4L2_BUF_FLAG_ERROR

	cidPrivacy = 0x009a0910 // V4L2_CID_PRIVACY: a shutter that the camera knows of
)

type capability struct {
	Driver       [16]byte
	Card         [32]byte
	BusInfo      [32]byte
	Version      uint32
	Capabilities uint32
	DeviceCaps   uint32
	_            [3]uint32
}

type fmtDesc struct {
	Index       uint32
	Type        uint32
	Flags       uint32
	Description [32]byte
	Pixel       uint32
	MbusCode    uint32
	_           [3]uint32
}

// union is v4l2_format's: it holds pointers for uses that are not ours, so it
// is aligned like one.
type union struct {
	_ [0]uintptr
	pixFormat
	_ [200 - unsafe.Sizeof(pixFormat{})]byte
}

type pixFormat struct {
	Width, Height, Pixel, Field, BytesPerLine, SizeImage, Colorspace, Priv, Flags, YcbcrEnc, Quantization, XferFunc uint32
}

type v4lFormat struct {
	Type uint32
	Fmt  union
}

type streamParm struct {
	Type         uint32
	Capability   uint32
	CaptureMode  uint32
	Numerator    uint32 // of the time per frame
	Denominator  uint32
	ExtendedMode uint32
	ReadBuffers  uint32
	_            [200 - 6*4]byte
}

type requestBuffers struct {
	Count, Type, Memory, Capabilities uint32
	_                                 uint32
}

type buffer struct {
	Index, Type, BytesUsed, Flags, Field uint32
	Timestamp                            unix.Timeval
	_                                    [16]byte // timecode
	Sequence, Memory                     uint32
	Offset                               uintptr // a union; the offset is its low half
	Length                               uint32
	_                                    [2]uint32
}

type ctrl struct {
	ID    uint32
	Value int32
}

// request numbers are direction, size, 'V' and a number: asm-generic/ioctl.h.
func request(dir, nr, size uintptr) uintptr { return dir<<30 | size<<16 | 'V'<<8 | nr }

const (
	write = 1
	read  = 2
)

var (
	vidiocQueryCap  = request(read, 0, unsafe.Sizeof(capability{}))
	vidiocEnumFmt   = request(read|write, 2, unsafe.Sizeof(fmtDesc{}))
	vidiocSFmt      = request(read|write, 5, unsafe.Sizeof(v4lFormat{}))
	vidiocReqBufs   = request(read|write, 8, unsafe.Sizeof(requestBuffers{}))
	vidiocQueryBuf  = request(read|write, 9, unsafe.Sizeof(buffer{}))
	vidiocQBuf      = request(read|write, 15, unsafe.Sizeof(buffer{}))
	vidiocDQBuf     = request(read|write, 17, unsafe.Sizeof(buffer{}))
	vidiocStreamOn  = request(write, 18, 4)
	vidiocStreamOff = request(write, 19, 4)
	vidiocSParm     = request(read|write, 22, unsafe.Sizeof(streamParm{}))
	vidiocGCtrl     = request(read|write, 27, unsafe.Sizeof(ctrl{}))
)

// ioctl is for plain structs without pointers in them.
func ioctl[T any](fd int, req uintptr, arg *T) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), req, uintptr(unsafe.Pointer(arg)))
		runtime.KeepAlive(arg)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
			continue
		}
		return errno
	}
}

func queryCap(fd int) (capability, error) {
	var c capability
	return c, ioctl(fd, vidiocQueryCap, &c)
}

// formats lists the pixel formats that a camera offers.
func formats(fd int) []uint32 {
	var all []uint32
	for i := uint32(0); i < 64; i++ {
		d := fmtDesc{Index: i, Type: typeCapture}
		if ioctl(fd, vidiocEnumFmt, &d) != nil {
			break
		}
		all = append(all, d.Pixel)
	}
	return all
}

// preferred formats, best first: motion JPEG is what class apps take, and it
// fits through a USB hub that other devices share.
var preferred = []string{"MJPG", "YUYV", "UYVY", "NV12", "YU12", "JPEG", "YV12", "NV21", "YVYU", "VYUY", "NV16", "NV61", "422P", "RGB3", "BGR3", "BGR4", "XR24", "AR24"}

// pick chooses the format to ask for. A camera with only grey pictures is the
// infrared one for recognising faces: no camera for a class.
func pick(offered []uint32) (string, bool) {
	for _, code := range preferred {
		for _, o := range offered {
			if fourCC(o) == code {
				return code, true
			}
		}
	}
	return "", false
}

func fourCC(v uint32) string {
	return string([]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v>>24) & 0x7f})
}

func pixel(code string) uint32 {
	return uint32(code[0]) | uint32(code[1])<<8 | uint32(code[2])<<16 | uint32(code[3])<<24
}

func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(bytes.ToValidUTF8(bytes.TrimSpace(b), nil))
}

// v4lStream is a camera whose frames arrive in memory shared with the driver.
type v4lStream struct {
	fd   int
	fmt  format
	maps [][]byte
	held *buffer // lent out until the next frame is asked for
}

func (here) open(d device) (stream, error) {
	fd, err := unix.Open(d.path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, meaning("open camera", err)
	}
	code, ok := pick(formats(fd))
	if !ok {
		unix.Close(fd)
		return nil, fmt.Errorf("open camera: no known format: %w", errors.ErrUnsupported)
	}
	s := &v4lStream{fd: fd}
	if err := s.start(code); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// start asks for a picture such as class apps ask for, takes what the driver
// makes of it, and lets frames flow. Another program's stream shows as EBUSY
// at the format already, before anything of it could be disturbed.
func (s *v4lStream) start(code string) error {
	if err := s.setFormat(code); err != nil {
		return err
	}
	s.setRate(30)
	privacy := ctrl{ID: cidPrivacy}
	s.fmt.covered = ioctl(s.fd, vidiocGCtrl, &privacy) == nil && privacy.Value != 0
	if err := s.share(4); err != nil {
		return err
	}
	on := int32(typeCapture)
	if err := ioctl(s.fd, vidiocStreamOn, &on); err != nil {
		return meaning("start camera", err)
	}
	return nil
}

func (s *v4lStream) setFormat(code string) error {
	f := v4lFormat{Type: typeCapture}
	f.Fmt.Pixel, f.Fmt.Width, f.Fmt.Height = pixel(code), 640, 480
	if compressed(code) {
		f.Fmt.Width, f.Fmt.Height = 1280, 720
	}
	if err := ioctl(s.fd, vidiocSFmt, &f); err != nil {
		return meaning("set picture format", err)
	}
	p := f.Fmt.pixFormat
	s.fmt = format{code: fourCC(p.Pixel), width: int(p.Width), height: int(p.Height), stride: int(p.BytesPerLine)}
	if !readable(s.fmt.code) {
		return fmt.Errorf("set picture format: driver insists on %q: %w", s.fmt.code, errors.ErrUnsupported)
	}
	return nil
}

// setRate asks for a frame rate; a driver that has only one may refuse.
func (s *v4lStream) setRate(fps uint32) {
	p := streamParm{Type: typeCapture, Numerator: 1, Denominator: fps}
	if ioctl(s.fd, vidiocSParm, &p) == nil && p.Numerator != 0 {
		s.fmt.fps = round1(float64(p.Denominator) / float64(p.Numerator))
	}
}

// share maps the driver's buffers into this process and hands them all to it.
func (s *v4lStream) share(count uint32) error {
	req := requestBuffers{Count: count, Type: typeCapture, Memory: memoryMmap}
	if err := ioctl(s.fd, vidiocReqBufs, &req); err != nil {
		return meaning("request buffers", err)
	}
	for i := uint32(0); i < req.Count; i++ {
		b := buffer{Index: i, Type: typeCapture, Memory: memoryMmap}
		if err := ioctl(s.fd, vidiocQueryBuf, &b); err != nil {
			return meaning("query buffer", err)
		}
		m, err := unix.Mmap(s.fd, int64(uint32(b.Offset)), int(b.Length), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return meaning("map buffer", err)
		}
		s.maps = append(s.maps, m)
		if err := ioctl(s.fd, vidiocQBuf, &b); err != nil {
			return meaning("queue buffer", err)
		}
	}
	return nil
}

func (s *v4lStream) format() format { return s.fmt }

func (s *v4lStream) next(ctx context.Context) (frame, error) {
	if s.held != nil {
		b := *s.held
		s.held = nil
		if err := ioctl(s.fd, vidiocQBuf, &b); err != nil {
			return frame{}, meaning("queue buffer", err)
		}
	}
	for {
		b := buffer{Type: typeCapture, Memory: memoryMmap}
		err := ioctl(s.fd, vidiocDQBuf, &b)
		switch {
		case err == nil:
			return s.lend(b)
		case errors.Is(err, unix.EIO): // a frame was lost; the stream may go on
			time.Sleep(10 * time.Millisecond) // or say so for ever: never spin on it
			return frame{at: time.Now(), broken: true}, ctx.Err()
		case !errors.Is(err, unix.EAGAIN):
			return frame{}, meaning("read frame", err)
		}
		if err := s.pause(ctx); err != nil {
			return frame{}, err
		}
	}
}

func (s *v4lStream) lend(b buffer) (frame, error) {
	if int(b.Index) >= len(s.maps) || int(b.BytesUsed) > len(s.maps[b.Index]) {
		return frame{}, fmt.Errorf("read frame: driver names buffer %d with %d bytes", b.Index, b.BytesUsed)
	}
	s.held = &b
	return frame{data: s.maps[b.Index][:b.BytesUsed], at: time.Now(), broken: b.Flags&flagError != 0}, nil
}

// pause waits until the driver has something to say, an error included, and
// looks at ctx at least ten times a second.
func (s *v4lStream) pause(ctx context.Context) error {
	const slice = 100 * time.Millisecond
	if err := ctx.Err(); err != nil {
		return err
	}
	wait := slice
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	_, err := unix.Poll(fds, max(1, int(wait.Milliseconds())))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return meaning("wait for frame", err)
	}
	if fds[0].Revents&unix.POLLERR != 0 && fds[0].Revents&unix.POLLIN == 0 {
		time.Sleep(time.Millisecond) // the next read tells what it is; never spin on it
	}
	return nil
}

func (s *v4lStream) close() {
	off := int32(typeCapture)
	_ = ioctl(s.fd, vidiocStreamOff, &off) // refused when it was never on
	for _, m := range s.maps {
		_ = unix.Munmap(m)
	}
	s.maps = nil
	_ = unix.Close(s.fd)
}

// meaning gives a system error the name that every system shares, and keeps
// the system's own beside it.
func meaning(doing string, err error) error {
	switch {
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("%s: %w (%w)", doing, errBusy, err)
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%s: %w (%w)", doing, errGone, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
