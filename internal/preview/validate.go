package preview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"enjobridge/blocks"
)

const (
	// callTimeout bounds one call of Slack.
	callTimeout = 30 * time.Second
	// longestWait is the longest wait that Slack can ask for before the next call.
	longestWait = 5 * time.Minute
	// maxAttempts is how often a rate-limited call is made.
	maxAttempts = 10
	// maxResponse bounds what is read of one response, in bytes.
	maxResponse = 4 << 20
)

// Validate asks Slack whether it accepts every message, modal and home tab that the bot
// can show. It prints the pointers to the parts that Slack refuses, and returns an error
// if there are any. Nothing else is sent, and nothing is posted.
//
// See https://docs.slack.dev/reference/methods/blocks.validate. The URL of the Web API
// ends in a slash.
func Validate(ctx context.Context, apiURL, token string, stdout io.Writer) error {
	v := validator{
		url: apiURL + "blocks.validate", token: token, wait: wait,
		client: &http.Client{
			Timeout: callTimeout,
			// A redirect would send the token to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	defer v.client.CloseIdleConnections()
	return v.gallery(ctx, stdout)
}

// wait waits for a time, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// gallery validates all examples.
func (v validator) gallery(ctx context.Context, stdout io.Writer) error {
	examples, refused := blocks.Gallery(), 0
	for _, e := range examples {
		reasons, err := v.example(ctx, e)
		if err != nil {
			return fmt.Errorf("validating the example %s: %w", e.Name, err)
		}
		if len(reasons) > 0 {
			refused++
			fmt.Fprintf(stdout, "%s\n  %s\n", e.Name, strings.Join(reasons, "\n  "))
		}
	}
	if refused > 0 {
		return fmt.Errorf("slack refuses %d of %d examples", refused, len(examples))
	}
	fmt.Fprintf(stdout, "Slack accepts all %d examples.\n", len(examples))
	return nil
}

// validator calls blocks.validate.
type validator struct {
	url, token string
	client     *http.Client
	wait       func(ctx context.Context, d time.Duration) error
}

// example returns why Slack refuses an example; none if Slack accepts it.
func (v validator) example(ctx context.Context, e blocks.Example) ([]string, error) {
	if e.Modal != nil {
		return v.payload(ctx, "view", e.Modal)
	}
	if e.Home != nil {
		return v.payload(ctx, "view", e.Home)
	}
	var all []string
	for i, m := range e.Messages {
		reasons, err := v.payload(ctx, "message", map[string]any{"text": m.Text, "blocks": m.Blocks})
		if err != nil {
			return nil, err
		}
		for _, reason := range reasons {
			if len(e.Messages) > 1 {
				reason = fmt.Sprintf("message %d: %s", i+1, reason)
			}
			all = append(all, reason)
		}
	}
	return all, nil
}

// verdict is the response of blocks.validate.
type verdict struct {
	OK     bool   `json:"ok"`
	Error  string `json:"error"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Message string `json:"message"`
	} `json:"errors"`
	Metadata struct {
		Messages []string `json:"messages"`
	} `json:"response_metadata"`
}

// payload returns why Slack refuses a payload.
func (v validator) payload(ctx context.Context, kind string, payload any) ([]string, error) {
	encoded, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	found, err := v.call(ctx, url.Values{kind: {string(encoded)}})
	switch {
	case err != nil:
		return nil, err
	case found.OK:
		return nil, nil
	case found.Error != "invalid_"+kind && found.Error != "invalid_blocks":
		return nil, fmt.Errorf("slack answered %s", strings.Join(append([]string{found.Error}, found.Metadata.Messages...), ": "))
	}
	var reasons []string
	for _, e := range found.Errors {
		reasons = append(reasons, strings.TrimSpace(e.Pointer+" "+e.Message))
	}
	reasons = append(reasons, found.Metadata.Messages...)
	if len(reasons) == 0 {
		reasons = []string{found.Error}
	}
	return reasons, nil
}

// call calls the method, and again when Slack's rate limit allows it.
func (v validator) call(ctx context.Context, form url.Values) (verdict, error) {
	for range maxAttempts {
		found, wait, err := v.attempt(ctx, form)
		if err != nil || wait == 0 {
			return found, err
		}
		if err := v.wait(ctx, wait); err != nil {
			return verdict{}, err
		}
	}
	return verdict{}, errors.New("slack limits the calls: try again later")
}

// attempt makes one call. If Slack limits its rate, it returns how long to wait.
func (v validator) attempt(ctx context.Context, form url.Values) (found verdict, wait time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url, strings.NewReader(form.Encode()))
	if err != nil {
		return verdict{}, 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+v.token)
	response, err := v.client.Do(request)
	if err != nil {
		return verdict{}, 0, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return verdict{}, min(max(time.Duration(seconds), 1)*time.Second, longestWait), nil
	case response.StatusCode != http.StatusOK:
		return verdict{}, 0, fmt.Errorf("slack answered with the HTTP status %s: check SLACK_API_URL, and proxies on the way to it", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxResponse)).Decode(&found); err != nil {
		return verdict{}, 0, fmt.Errorf("reading slack's response: %w", err)
	}
	return found, 0, nil
}
