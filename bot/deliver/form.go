package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// form is how an outcome is posted.
type form struct {
	as blocks.Rendering
	// whole says that all of a long answer is posted as messages. Otherwise its
	// beginning is posted, and the whole as a file.
	whole bool
}

// marker returns the marker of one of the messages.
func (f form) marker(id storage.MessageID, part int, messages []blocks.Message) slackapi.Marker {
	beginning := f.as != blocks.AsFile && slices.ContainsFunc(messages, func(m blocks.Message) bool { return m.File != nil })
	return slackapi.Marker{Question: id, Part: part, Rendering: f.as, Beginning: beginning}
}

// richPause is how long Slack gets no rich rendering after it has refused one because it
// does not support a kind of block.
const richPause = time.Hour

// firstForm returns the richest form that Slack is likely to accept.
func (d *Deliverer) firstForm() form {
	f := form{as: blocks.Rich, whole: !d.Slack.CanUpload()}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Slack.Now().Before(d.plainerUntil) {
		f.as = blocks.Markdown
	}
	return f
}

// simplerForm returns the form to try after Slack has refused one; false after the last.
func (d *Deliverer) simplerForm(ctx context.Context, f form, why error) (form, bool) {
	reasons := slackapi.RejectionReasons(why)
	simpler, ok := f.as.Next()
	if !ok {
		return f, false
	}
	unsupported := slices.ContainsFunc(reasons, func(reason string) bool { return strings.Contains(reason, "unsupported type") })
	if f.as == blocks.Rich && unsupported {
		d.mu.Lock()
		d.plainerUntil = d.Slack.Now().Add(richPause)
		d.mu.Unlock()
	}
	zerolog.Ctx(ctx).Warn().Err(why).Strs("reasons", reasons).Stringer("rendering", f.as).Stringer("next", simpler).
		Msg("deliver: slack refused a message, using a simpler rendering")
	return form{as: simpler, whole: f.whole}, true
}

// begunAt returns the form in which an earlier attempt began to post what is marked with an
// identity; false, and the form to begin in, if none did.
func (d *Deliverer) begunAt(ctx context.Context, to slackapi.Target, marked storage.MessageID) (form, bool) {
	// If the place cannot be read, posting reports it.
	if ts, f, err := d.begun(ctx, to, marked); err == nil && ts != "" {
		return f, true
	}
	return d.firstForm(), false
}

// begun returns the first post that is marked with an identity, empty if there is none, and
// its form.
func (d *Deliverer) begun(ctx context.Context, to slackapi.Target, marked storage.MessageID) (ts string, f form, err error) {
	var markers []slackapi.Marker
	for rendering, more := blocks.Rich, true; more; rendering, more = rendering.Next() {
		marker := slackapi.Marker{Question: marked, Rendering: rendering}
		markers = append(markers, marker)
		marker.Beginning = true
		markers = append(markers, marker)
	}
	ts, found, err := d.Slack.Find(ctx, to, markers...)
	return ts, form{as: found.Rendering, whole: !found.Beginning}, err
}

// uploadAttempts is how often the file of a long answer is uploaded before its messages
// are posted instead.
const uploadAttempts = 8

// errNoFile says that the file of a long answer cannot be uploaded.
var errNoFile = errors.New("the whole answer cannot be uploaded as a file")

// upload uploads the file of a message.
func (d *Deliverer) upload(ctx context.Context, f form, u slackapi.Upload) error {
	if f.as == blocks.AsFile {
		return d.Slack.UploadOnce(ctx, u)
	}
	return d.uploadWhole(ctx, u)
}

// uploadWhole uploads the whole of a long answer. If that fails for good, it returns
// [errNoFile]: the messages of the whole are better than a beginning.
func (d *Deliverer) uploadWhole(ctx context.Context, u slackapi.Upload) error {
	u.Attempts = uploadAttempts
	err := d.Slack.UploadOnce(ctx, u)
	if err == nil || ctx.Err() != nil {
		return err
	}
	zerolog.Ctx(ctx).Warn().Err(err).Str("code", slackapi.ErrorCode(err)).Str("hint", slackapi.Classify(err).Hint).
		Msg("deliver: uploading a long answer failed, posting all of it as messages")
	return fmt.Errorf("%w: %w", errNoFile, err)
}
