package postgres

import (
	"context"
	"fmt"
	"time"

	"enjobridge/storage"
)

// pressRecord is the stored form of a press. Its identity is in the columns.
type pressRecord struct {
	storage.Press
	At time.Time `json:"at"`
}

// AddPress implements [storage.Store].
func (s *Store) AddPress(ctx context.Context, p storage.Press) (err error) {
	defer s.report("add_press")(&err)
	if err = check("press", p.Message.Team, p.Message.Channel, p.Message.TS, p.Action); err == nil {
		err = s.update(ctx, pressNeeds(p.Message), func(t *tx) error { return t.addPress(p) })
	}
	if err != nil {
		return fmt.Errorf("store a press of a button of %s: %w", p.Message, err)
	}
	return nil
}

// pressNeeds are the needs of an operation on a press of a button of a message.
func pressNeeds(message storage.MessageID) needs {
	return needs{locks: []int64{channelLock(message.Team, message.Channel)}}
}

func (t *tx) addPress(p storage.Press) error {
	record, err := encode(pressRecord{p, p.At.UTC()})
	if err != nil {
		return err
	}
	t.exec(`INSERT INTO enjobridge.presses (team, channel, ts, action, at, record) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		p.Message.Team, p.Message.Channel, p.Message.TS, p.Action, p.At.UTC(), record)
	t.announce(storage.Announcement{Kind: storage.PressAdded, Message: p.Message, Name: p.Action})
	return nil
}

// EndPress implements [storage.Store].
func (s *Store) EndPress(ctx context.Context, message storage.MessageID, action string) (err error) {
	defer s.report("end_press")(&err)
	err = s.update(ctx, pressNeeds(message), func(t *tx) error {
		t.exec(`DELETE FROM enjobridge.presses WHERE team = $1 AND channel = $2 AND ts = $3 AND action = $4`,
			message.Team, message.Channel, message.TS, action)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end a press of a button of %s: %w", message, err)
	}
	return nil
}

// Presses implements [storage.Store].
func (s *Store) Presses(ctx context.Context) (presses []storage.Press, err error) {
	defer s.report("presses")(&err)
	err = s.view(ctx, func(t *tx) error {
		records, err := scanRecords[pressRecord](t, buttons, `ORDER BY at`)
		presses = nil
		for _, r := range records {
			r.Press.At = r.At
			presses = append(presses, r.Press)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the presses: %w", err)
	}
	return presses, nil
}
