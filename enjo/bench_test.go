package enjo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// longReply returns a body of about 10 kB with every published field.
func longReply(b *testing.B) []byte {
	b.Helper()
	var sources []map[string]any
	for i := range 20 {
		sources = append(sources, map[string]any{
			"type": "Knowledge Base", "name": fmt.Sprintf("Article %d on passwords", i),
			"score": 1 / float64(i+1), "url": fmt.Sprintf("https://wiki.example/articles/%d", i),
		})
	}
	body, err := json.Marshal(map[string]any{"success": true, "data": map[string]any{
		"answers":        strings.Repeat("Open *Settings*, then choose **Reset**.\n\n", 170),
		"conversationId": "0b4dbb5e-7f3c-4d0a-9a64-5f0f6f4a2a11",
		"sources":        sources,
		"ticketDetails": map[string]any{
			"Id": "IT-7", "Status": "Open", "CreatedDate": "2026-11-22T10:00:00.000+0000", "attributes": map[string]any{"team": "IT"},
		},
	}})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func BenchmarkAsk(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, shortReply)
	}))
	defer srv.Close()
	client, err := New(Config{BaseURL: srv.URL, Token: testToken})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()

	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Ask(b.Context(), "b", Message{Text: "How do I reset my password?"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body := longReply(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		e, err := decodeEnvelope(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := decodeReply(e.Data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBudgetNext(b *testing.B) {
	for _, n := range []int{20, 600} {
		b.Run(fmt.Sprint(n, " calls"), func(b *testing.B) {
			budget := NewBudget(published, margin)
			var calls []time.Time
			for i := range n {
				calls = append(calls, noon.Add(time.Duration(i-n)*time.Millisecond))
			}
			b.ReportAllocs()
			for b.Loop() {
				budget.Next(noon, calls)
			}
		})
	}
}
