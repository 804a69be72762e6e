package sim_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"enjobridge/enjo"
	"enjobridge/internal/memnet"
	enjosandbox "enjobridge/sandbox/enjo"
)

// lostResponses records the calls to the agent whose responses the network lost: the agent
// has answered, and the bot cannot know that. Crashes of the bot are not included.
type lostResponses struct {
	mu    sync.Mutex
	calls map[uint64]*agentCall // the latest on each connection
	lost  []*agentCall          // those that lost their responses
}

// agentCall is a call to the agent on the network.
type agentCall struct {
	request []byte
	at      time.Time // when the request was sent
	arrives time.Time // when the last packet of the response so far arrives
	broken  bool      // whether nothing more of it arrives
	counted bool      // whether it is in lost
}

func newLostResponses() *lostResponses { return &lostResponses{calls: make(map[uint64]*agentCall)} }

// noteRequest records a packet to the agent.
func (l *lostResponses) noteRequest(p memnet.Packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.calls[p.Conn]
	if callOf(p.Data) != "" {
		broken := c != nil && c.broken
		c = &agentCall{at: time.Now(), broken: broken}
		l.calls[p.Conn] = c
	}
	if c != nil {
		c.request = append(c.request, p.Data...)
	}
}

// noteResponse records a packet from the agent, and its fate.
func (l *lostResponses) noteResponse(p memnet.Packet, f memnet.Fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.calls[p.Conn]
	if c == nil {
		return
	}
	c.arrives = time.Now().Add(f.Delay)
	c.broken = c.broken || f.Lose || f.Reset
	if c.broken || c.arrives.Sub(c.at) > enjo.DefaultTimeout {
		l.lose(c)
	}
}

// reset records that the connections to the agent break and data in flight is lost.
func (l *lostResponses) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.calls {
		if c.arrives.After(time.Now()) {
			l.lose(c)
		}
	}
}

// lose records that a call has lost its response. The caller holds mu.
func (l *lostResponses) lose(c *agentCall) {
	if !c.counted {
		c.counted = true
		l.lost = append(l.lost, c)
	}
}

// among returns the indexes of the requests that lost their responses.
func (l *lostResponses) among(requests []enjosandbox.Request) map[int]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	lost := make(map[int]bool)
	for _, c := range l.lost {
		text, ok := askedIn(c.request)
		if !ok {
			continue
		}
		for i, r := range requests {
			if !lost[i] && r.Text == text && !r.Time.Before(c.at) {
				lost[i] = true
				break
			}
		}
	}
	return lost
}

// askedIn returns the question in a request, and false if the request is incomplete.
func askedIn(request []byte) (string, bool) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
	if err != nil {
		return "", false
	}
	var body struct{ Message struct{ Text string } }
	err = json.NewDecoder(r.Body).Decode(&body)
	return body.Message.Text, err == nil
}
