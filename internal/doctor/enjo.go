package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// checkEnjo checks whether Enjo can be reached. It sends no token, and makes no call of
// the API, so that it does not count against Enjo's limits.
func (d *doctor) checkEnjo(ctx context.Context) {
	if !d.valid("ENJO_API_URL") {
		return
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	address := d.Config.Enjo.BaseURL
	request, err := http.NewRequestWithContext(call, http.MethodHead, address, nil)
	if err != nil {
		d.fail("enjo", "ENJO_API_URL is not the address of a server", "check ENJO_API_URL")
		return
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	response, err := transport.RoundTrip(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		message, fix := unreachable(err, address, "ENJO_API_URL")
		d.fail("enjo", message, fix)
		return
	}
	_ = response.Body.Close() // a HEAD has none
	host, proxy := route(address)
	if proxy != "" {
		host += " through the proxy " + proxy
	}
	if response.StatusCode >= http.StatusInternalServerError {
		d.warn("enjo", fmt.Sprintf("Enjo at %s answers with HTTP status %s", host, response.Status), "check Enjo's status, and proxies on the way")
		return
	}
	rest := "; the token and the bot IDs are checked only with -ask, which costs one call for each agent"
	if d.Ask {
		rest = ""
	}
	d.ok("enjo", "Enjo can be reached at "+host+rest)
}

// askAgents asks each agent a question, as soon as Enjo's limits allow it.
func (d *doctor) askAgents(ctx context.Context) {
	if !d.Ask || !d.valid("ENJO_API_URL", "ENJO_TOKEN", "ENJO_BOT_ID", "ENJO_AGENTS", "ENJO_LIMITS", "ENJO_JITTER") {
		return
	}
	client, err := enjo.New(d.Config.Enjo)
	if err != nil {
		d.fail("agents", err.Error(), "check ENJO_API_URL and ENJO_TOKEN")
		return
	}
	defer client.Close()
	answers := make([]error, len(d.Config.Bot.Agents))
	var asking sync.WaitGroup
	now, budget := time.Now(), enjo.NewBudget(d.Config.Bot.Limits, d.Config.Bot.Jitter)
	for i, at := range budget.Schedule(now, nil, len(answers)) {
		agent := d.Config.Bot.Agents[i]
		if answers[i] = backoff.Sleep(ctx, time.Until(at)); answers[i] != nil {
			continue
		}
		asking.Go(func() { _, answers[i] = client.Ask(ctx, agent.BotID, enjo.Message{Text: Question}) })
	}
	asking.Wait()
	for i, agent := range d.Config.Bot.Agents {
		if err := answers[i]; err != nil {
			d.fail("agents", fmt.Sprintf("the agent %s did not answer %q: %v", agent.Name, Question, err), deliver.Explain(storage.Failure(enjo.CodeOf(err))).Hint)
			continue
		}
		d.ok("agents", fmt.Sprintf("the agent %s answered %q, which was one call", agent.Name, Question))
	}
}
