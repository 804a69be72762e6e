package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// A press is stored like a key of FirstTime, with its JSON after the time: an older version
// of this program forgets it like a key.

// pressKind begins the keys of presses.
const pressKind = "press"

func pressKey(button MessageID, action string) []byte {
	return stringsKey(pressKind, button.Team, button.Channel, button.TS, action)
}

// AddPress implements [Store].
func (b *Bolt) AddPress(ctx context.Context, p Press) (err error) {
	defer b.report("add_press")(&err)
	value, err := json.Marshal(p)
	err = errors.Join(err, p.Message.check(), checkID("press", p.Action))
	if err == nil {
		err = b.update(ctx, func(t *tx) error {
			key := pressKey(p.Message, p.Action)
			if first, err := t.firstTime(key, p.At); err != nil || !first {
				return err
			}
			return t.put(bucketSeen, key, append(timeKey(p.At, nil), value...))
		})
	}
	if err != nil {
		return fmt.Errorf("store a press of a button of %s: %w", p.Message, err)
	}
	return nil
}

// EndPress implements [Store].
func (b *Bolt) EndPress(ctx context.Context, message MessageID, action string) (err error) {
	defer b.report("end_press")(&err)
	err = b.update(ctx, func(t *tx) error {
		key := pressKey(message, action)
		at, _, err := cutTime(t.get(bucketSeen, key))
		if err != nil {
			return nil // there is none
		}
		return errors.Join(t.delete(indexSeen, timeKey(at, key)), t.delete(bucketSeen, key))
	})
	if err != nil {
		return fmt.Errorf("end a press of a button of %s: %w", message, err)
	}
	return nil
}

// Presses implements [Store].
func (b *Bolt) Presses(ctx context.Context) (_ []Press, err error) {
	defer b.report("presses")(&err)
	var presses []Press
	prefix := stringsKey(pressKind)
	err = b.view(ctx, func(t *tx) error {
		presses = nil
		return t.scan(bucketSeen, prefix, func(key, value []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			if p, err := decodePress(key, value); err == nil { // Forget deletes the others
				presses = append(presses, p)
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the presses: %w", err)
	}
	return presses, nil
}

// decodePress reads the stored form of a press. Its identity is in the key.
func decodePress(key, value []byte) (p Press, err error) {
	at, rest, err := cutTime(value)
	if err != nil {
		return p, err
	}
	parts, _, err := cutParts(key, 5)
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(rest, &p)
	p.Message, p.Action, p.At = MessageID{parts[1], parts[2], parts[3]}, parts[4], at
	return p, err
}
