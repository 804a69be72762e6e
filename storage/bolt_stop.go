package storage

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// UnfinishedIn implements [Store].
func (b *Bolt) UnfinishedIn(ctx context.Context, thread ThreadID) (unfinished []Question, err error) {
	defer b.report("unfinished_in")(&err)
	err = b.view(ctx, func(t *tx) (err error) {
		unfinished, err = t.unfinishedIn(thread)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the unfinished questions of thread %s: %w", thread, err)
	}
	return unfinished, nil
}

// StopThread implements [Store].
func (b *Bolt) StopThread(ctx context.Context, thread ThreadID) (stopped []Question, err error) {
	defer b.report("stop_thread")(&err)
	err = b.update(ctx, func(t *tx) error {
		questions, err := t.unfinishedIn(thread)
		if err != nil {
			return err
		}
		stopped = Stop(questions)
		for i := range stopped {
			if err := t.save(bucketQuestions, &stopped[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("stop the questions of thread %s: %w", thread, err)
	}
	return stopped, nil
}

// unfinishedIn returns the unfinished questions of a thread, oldest first.
func (t *tx) unfinishedIn(thread ThreadID) ([]Question, error) { return t.unfinishedAt(thread.key()) }

// unfinishedAt returns the unfinished questions of the threads whose keys have a prefix,
// oldest first.
func (t *tx) unfinishedAt(prefix []byte) ([]Question, error) {
	var unfinished []Question
	err := t.scan(indexThreadsBusy, prefix, func(key, _ []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		var q Question
		if t.loadIndexed(bucketQuestions, indexThreadsBusy, key, &q) {
			unfinished = append(unfinished, q)
		}
		return true, nil
	})
	slices.SortStableFunc(unfinished, func(a, b Question) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
	return unfinished, err
}
