package slackapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"enjobridge/bot/slackevent"
)

const (
	// maxResponse bounds what is read of one response, in bytes.
	maxResponse = 32 << 20
	// maxRetryAfter is the longest wait that Slack can ask for: a wrong value must not
	// make the bot silent for a day. If Slack still limits the call, it says so again.
	maxRetryAfter = 5 * time.Minute
	// maxOpenRetryAfter is the same for openMethod: without a connection the bot is deaf.
	maxOpenRetryAfter = time.Minute
	// openMethod is called with the app-level token.
	openMethod = "apps.connections.open"
	// refreshMethod is called without a token.
	refreshMethod = "oauth.v2.access"
	// maxTokens is how many tokens a call is made with: one that another replica has stored while
	// this process was frozen can have expired as well.
	maxTokens = 3
)

// slackDomains are the domains of Slack's hosts.
var slackDomains = []string{"slack.com", "slack-gov.com"}

// formType is the content type of the arguments of a method.
const formType = "application/x-www-form-urlencoded"

// call calls a method, and returns its response. slack-go decodes responses strictly,
// with the message that was posted: one field of an unexpected type would make the
// outcome of a successful post unknown, and the bot would post again.
//
// If Slack does not accept the token any more, and there is another one, call makes the
// call again with that.
func (c *Client) call(ctx context.Context, method string, values url.Values) (slackevent.Object, error) {
	kind := kindOf(method)
	for tried := 1; ; tried++ {
		token := c.cfg.Tokens.Token(kind)
		found, err := c.callAs(ctx, method, token, values)
		if !isRefused(err) || tried == maxTokens {
			return found, err
		}
		switch again, failed := c.cfg.Tokens.Refused(ctx, kind, token); {
		case failed != nil:
			return nil, fmt.Errorf("calling %s: %w", method, failed)
		case !again:
			return found, err
		}
	}
}

// callAs calls a method with a token, which is empty for none.
func (c *Client) callAs(ctx context.Context, method, token string, values url.Values) (slackevent.Object, error) {
	header, body, err := c.send(ctx, c.cfg.URL+method, token, formType, values.Encode())
	if header != nil {
		c.responded(method, header)
	}
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", method, err)
	}
	found, err := slackevent.DecodeObject(body)
	if err != nil {
		return nil, fmt.Errorf("reading the response of %s: %w", method, err)
	}
	if ok, _ := slackevent.Field[bool](found, "ok"); !ok {
		return nil, fmt.Errorf("calling %s: %w", method, codeError(found))
	}
	return found, nil
}

// codeError returns the error in a response that is not ok.
func codeError(found slackevent.Object) error {
	messages, _ := slackevent.Field[[]string](found.Object("response_metadata"), "messages")
	reasons := append(constraints(found), messages...)
	return &ResponseError{Code: slackevent.Truncate(found.Text("error"), maxCode), Status: http.StatusOK, Reasons: reasons}
}

// send posts a body, and returns the header and the body of the response; the header
// also if its status is an error. The token is empty for addresses that are secret
// themselves: the errors do not have the address.
func (c *Client) send(ctx context.Context, address, token, contentType, body string) (http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, nil, withoutURL(err)
	}
	if err := c.guardRequest(request, body); err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", contentType)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, withoutURL(err)
	}
	defer response.Body.Close()
	if err := c.statusError(request, response); err != nil {
		return response.Header, nil, err
	}
	found, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	return response.Header, found, err
}

// withoutURL returns the error of a call without the URL, which allows who has it
// to make the call: it must not get into the log.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// statusError returns the error of a response's HTTP status; nil if it is OK.
// https://docs.slack.dev/apis/web-api/rate-limits/
func (c *Client) statusError(request *http.Request, response *http.Response) error {
	status := response.StatusCode
	if status == http.StatusOK {
		return nil
	}
	failed := &ResponseError{Status: status}
	switch {
	case status == http.StatusTooManyRequests:
		failed.RetryAfter = c.retryAfter(methodOf(request), response.Header.Get("Retry-After"))
	case isRedirect(status):
		// The path can hold secrets.
		if target, err := response.Location(); err == nil {
			failed.Target = target.Host
		}
	}
	return failed
}

// retryAfter returns the wait in a Retry-After header: at most maxRetryAfter, and 0 if it
// is no number of seconds.
func (c *Client) retryAfter(method, seconds string) time.Duration {
	most := maxRetryAfter
	if method == openMethod {
		most = maxOpenRetryAfter
	}
	n, _ := strconv.ParseInt(seconds, 10, 64) // it is 0, or the nearest, if there is an error
	if n > int64(most/time.Second) {
		c.log.Warn().Str("method", method).Int64("retry_after_seconds", n).Float64("wait_seconds", most.Seconds()).
			Msg("slackapi: Slack asks for a long wait, waiting less")
		return most
	}
	return time.Duration(max(n, 0)) * time.Second
}

// errForeignURL means that a URL from Slack does not lead to Slack.
var errForeignURL = errors.New("the URL that Slack sent is not one of Slack's")

// foreignHint is the fix for errForeignURL.
const foreignHint = "check SLACK_API_URL, and proxies on the way to it"

// trusted returns an error unless a URL from Slack leads to one of Slack's hosts over
// TLS, or to the host of the Web API. The content of files, answers and events must not
// go elsewhere.
func (c *Client) trusted(address string) error {
	to, err := url.Parse(address)
	api, apiErr := url.Parse(c.cfg.URL)
	if err != nil || apiErr != nil {
		return errForeignURL
	}
	// A WebSocket begins as a request over HTTP.
	scheme := strings.Replace(to.Scheme, "ws", "http", 1)
	if to.Host == api.Host && (scheme == api.Scheme || scheme == "https") {
		return nil
	}
	if scheme == "https" && slices.ContainsFunc(slackDomains, func(domain string) bool {
		return to.Hostname() == domain || strings.HasSuffix(to.Hostname(), "."+domain)
	}) {
		return nil
	}
	return fmt.Errorf("%w: its scheme is %q and its host %q", errForeignURL, slackevent.Truncate(to.Scheme, maxCode), slackevent.Truncate(to.Host, maxCode))
}
