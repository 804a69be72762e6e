package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Client sends requests to the admin socket of a running enjobridge.
type Client struct{ Socket string }

// maxErrorText limits how much of an error's text is shown, in bytes.
const maxErrorText = 4 << 10

// Do sends a request without a body to an admin route. It returns the response, whose
// body the caller closes. A status other than 200 is an error with the response's text.
func (c Client) Do(ctx context.Context, method, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://enjobridge"+path, nil)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DialContext: c.dial, DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, c.explain(err)
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		text, err := io.ReadAll(io.LimitReader(response.Body, maxErrorText))
		return nil, errors.Join(fmt.Errorf("enjobridge answered %s: %s", response.Status, strings.TrimSpace(string(text))), err)
	}
	return response, nil
}

// Copy sends a request like Do, and writes the content of the response to out.
func (c Client) Copy(ctx context.Context, method, path string, out io.Writer) error {
	response, err := c.Do(ctx, method, path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("reading the answer of enjobridge: %w", err)
	}
	return nil
}

// JSON sends a request like Do, and decodes the JSON of the response.
func (c Client) JSON(ctx context.Context, method, path string, into any) error {
	response, err := c.Do(ctx, method, path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("reading the answer of enjobridge: %w", err)
	}
	return nil
}

// dial connects to the socket, whatever the address.
func (c Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if _, err := os.Lstat(c.Socket); err != nil {
		return nil, err // on Windows, connecting reports a missing file differently
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", c.Socket)
}

// explain adds to an error of a request what an operator can do.
func (c Client) explain(err error) error {
	path := c.Socket
	if full, e := filepath.Abs(path); e == nil {
		path = full
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), isRefused(err):
		return fmt.Errorf("no enjobridge listens at %s: it must run, with the same STORAGE and ADMIN_SOCKET as this command", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no access to %s: run this command as the user of the running enjobridge, or as root", path)
	}
	return fmt.Errorf("sending a request to %s: %w", path, err)
}
