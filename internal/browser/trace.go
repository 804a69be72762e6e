package browser

import (
	"context"
	"encoding/json"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// Trace is the time that a page's main thread spent, as the browser recorded it.
type Trace struct {
	// Longest is the longest task. During it, the page did not react.
	Longest time.Duration
	// Long is the number of tasks longer than 50 ms.
	Long int
	// Script, Layout and Paint are total times.
	Script, Layout, Paint time.Duration
}

// traceEvent is one entry of a trace.
// See https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
type traceEvent struct {
	Name  string
	Phase string `json:"ph"`
	PID   int
	TID   int
	Dur   float64 // µs
	Args  struct{ Name string }
}

// Trace returns the browser's trace of what happens while f runs.
func (tab *Tab) Trace(f func()) Trace {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	var events []traceEvent // written before complete is closed, read after
	complete := make(chan struct{})
	must := func(what string, err error) {
		tab.t.Helper()
		if err != nil {
			tab.t.Fatalf("%s a trace: %v", what, err)
		}
	}
	must("listening for", chromedp.Listen(ctx, func(event any) {
		switch event := event.(type) {
		case *tracing.EventDataCollected:
			events = appendEvents(events, event)
		case *tracing.EventTracingComplete:
			close(complete)
		}
	}))
	_, err := chromedp.Call(ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		IncludedCategories: []string{"devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"},
	}})
	must("starting", err)
	f()
	_, err = chromedp.Call(ctx, tracing.End, cdp.Empty{})
	must("ending", err)
	select {
	case <-complete:
	case <-ctx.Done():
		must("collecting", context.Cause(ctx))
	}
	return summarize(events)
}

// appendEvents decodes a part of a trace. It skips events of other shapes.
func appendEvents(events []traceEvent, part *tracing.EventDataCollected) []traceEvent {
	for _, raw := range part.Value {
		var e traceEvent
		if json.Unmarshal(raw, &e) == nil {
			events = append(events, e)
		}
	}
	return events
}

// summarize adds up the tasks of the pages' main threads.
func summarize(events []traceEvent) Trace {
	type thread struct{ pid, tid int }
	pages := map[thread]bool{}
	for _, e := range events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			pages[thread{e.PID, e.TID}] = true
		}
	}
	var t Trace
	for _, e := range events {
		if e.Phase != "X" || !pages[thread{e.PID, e.TID}] {
			continue
		}
		took := time.Duration(e.Dur * float64(time.Microsecond))
		switch e.Name {
		case "RunTask":
			t.Longest = max(t.Longest, took)
			if took > 50*time.Millisecond {
				t.Long++
			}
		case "FunctionCall", "EvaluateScript":
			t.Script += took
		case "Layout", "UpdateLayoutTree":
			t.Layout += took
		case "Paint", "PrePaint":
			t.Paint += took
		}
	}
	return t
}
