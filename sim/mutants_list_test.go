package sim_test

// mutant is a small fault that is put into the program, to check that the simulation
// finds it.
type mutant struct {
	name     string
	file     string // from the module's root
	old, new string // old occurs once in the file
	breaks   string // the promise that it breaks
	// survives says why the simulation cannot see it; empty if it has to.
	survives string
}

// mutants are the faults, in the order in which a question is processed.
var mutants = []mutant{
	// Receiving events.
	{
		name: "ack before the event is stored",
		file: "bot/receive/receive.go",
		old:  "	after, err := r.handle(log.WithContext(ctx), e.event)\n",
		new: `	acked := e.Ack(nil)
	e.Ack = func(any) error { return acked }
	after, err := r.handle(log.WithContext(ctx), e.event)
`,
		breaks: "an event is acked only once it is stored",
	},
	{
		name:   "an event that could not be stored is acked",
		file:   "bot/receive/receive.go",
		old:    "		r.unacked.WithLabelValues(\"store\").Inc()\n",
		new:    "		r.unacked.WithLabelValues(\"store\").Inc()\n		_ = e.Ack(nil)\n",
		breaks: "an event that could not be stored is left for Slack to send again",
	},
	{
		name:   "refusals are forgotten",
		file:   "bot/intake/message.go",
		old:    "(ctx, storage.RefusedKey(m.ID), storage.OfferedKey(m.ID), storage.DeletedKey(m.ID), storage.ReactedKey(m.ID))",
		new:    "(ctx)",
		breaks: "a message that was decided on is not decided again when history returns it",
	},
	{
		name:   "old questions are asked at once",
		file:   "bot/intake/policy.go",
		old:    "if p.StaleAfter <= 0 || age <= p.StaleAfter {",
		new:    "if p.StaleAfter <= 0 || age <= 1000*p.StaleAfter {",
		breaks: "a question that arrives late is answered only if its asker still needs it",
	},
	{
		name:   "every question is stale",
		file:   "bot/intake/policy.go",
		old:    "if p.StaleAfter <= 0 || age <= p.StaleAfter {",
		new:    "if p.StaleAfter <= 0 || age <= time.Second {",
		breaks: "a question that arrives in time is answered without an offer",
	},
	{
		name:   "an offer is forgotten",
		file:   "bot/intake/message.go",
		old:    "		if k.offered {\n",
		new:    "		if k.offered && id.Root == \"\" {\n",
		breaks: "a reply to the offer to answer an old question is for the bot",
	},
	{
		name:   "muted threads are answered",
		file:   "bot/intake/policy.go",
		old:    "	case known.Muted:\n",
		new:    "	case known.Muted && self.UserID == \"\":\n",
		breaks: "the bot is quiet in a thread that was escalated to a person",
	},
	{
		name:   "early follow-ups are dropped",
		file:   "bot/intake/message.go",
		old:    "		i.earlyReplies.add(m.Thread(i.policy.AgentView), m, len(m.Text), now)\n",
		new:    "",
		breaks: "a follow-up that arrives before its thread's question is answered when the question arrives",
	},
	{
		name:   "late questions go to the end of their thread",
		file:   "bot/queue/queue.go",
		old:    "	at, _ := slices.BinarySearchFunc(questions, e, func(a, b *Entry) int { return slackevent.CompareTS(a.ID.TS, b.ID.TS) })\n",
		new:    "	at := len(questions)\n	_ = slackevent.CompareTS\n",
		breaks: "the agent is asked the questions of a thread in the order of their messages",
	},
	{
		name:   "a refusal that could not be posted counts as posted",
		file:   "bot/intake/refusal.go",
		old:    "failure.Class == slackapi.Rejected || failure.Class == slackapi.Inaccessible",
		new:    "failure.Class != \"\"",
		breaks: "a refusal is stored only once it is posted",
	},
	{
		name:   "a posted refusal is not stored",
		file:   "bot/intake/refusal.go",
		old:    "i.store.FirstTime(ctx, key, time.Now()); err",
		new:    "i.store.Seen(ctx, key); err",
		breaks: "a refusal is posted once",
	},
	{
		name:   "every message is a thread",
		file:   "bot/slackevent/message.go",
		old:    "Channel: m.ID.Channel, Root: m.ThreadTS}",
		new:    "Channel: m.ID.Channel, Root: m.ID.TS}",
		breaks: "a follow-up belongs to its thread",
	},
	{
		name:   "one socket that fails stays closed",
		file:   "bot/socketmode/client.go",
		old:    "			s.failed(err, failures)\n			continue\n",
		new:    "			s.failed(err, failures)\n			<-ctx.Done()\n			return nil\n",
		breaks: "opening a connection is retried",
	},
	{
		name:   "a silent connection goes unnoticed",
		file:   "bot/socketmode/conn.go",
		old:    "	return c, c.tcp.watch(silence)\n",
		new:    "	return c, nil\n",
		breaks: "a silent connection is replaced",
	},

	// Changes.
	{
		name:   "stop stops nothing",
		file:   "bot/intake/message.go",
		old:    "		if s.stop, err = i.storeStop(ctx, m.Thread(i.policy.AgentView)); err == nil {\n",
		new:    "		if s.stop = func() {}; err == nil {\n",
		breaks: "the word stop ends the unfinished questions of its thread",
	},
	{
		name: "stop stops everything",
		file: "storage/bolt_stop.go",
		old:  "		questions, err := t.unfinishedIn(thread)\n",
		new: `		var questions []Question
		err := t.scan(bucketQuestions, nil, func(key, value []byte) (bool, error) {
			var q Question
			err := decode(key, value, &q)
			if !q.State.Ended() {
				questions = append(questions, q)
			}
			return true, err
		})
`,
		breaks: "the word stop ends only the questions of the thread it is sent in",
	},
	{
		name:   "a stop is not confirmed",
		file:   "storage/rules.go",
		old:    "			q.Outcome.Failure = FailureStopped\n",
		new:    "			q.Outcome.Failure = FailureDropped\n",
		breaks: "a stop is confirmed in its thread",
	},
	{
		name:     "the status of a stopped question stays",
		file:     "bot/dispatch/stop.go",
		old:      "{ d.status.Suspend(q)(false) }",
		new:      "{}",
		breaks:   "a stopped question leaves no status",
		survives: "the status has to be set between the delivery of the stop and the end of the cancelled call, and no time passes there",
	},
	{
		name:   "deleted questions are asked",
		file:   "bot/intake/change.go",
		old:    "	if q.State == storage.Queued || q.State == storage.Asking {\n",
		new:    "	if q.State == storage.Merged {\n",
		breaks: "a question that is deleted while it waits is not answered",
	},
	{
		name:   "answers to deleted questions stay",
		file:   "bot/deliver/retract.go",
		old:    "	d.deletePosts(ctx, q.ID.Channel, q.Posts)\n",
		new:    "",
		breaks: "the answer to a deleted question is deleted",
	},
	{
		name:   "an edit changes nothing",
		file:   "bot/intake/change.go",
		old:    ".Edit(ctx, c.ID, c.After)",
		new:    ".Edit(ctx, c.ID, c.Before)",
		breaks: "the agent is asked the latest text of a question that is edited while it waits",
	},
	{
		name:   "every edit is offered again",
		file:   "bot/intake/change.go",
		old:    "		if first {\n",
		new:    "		if first || q.Attempts > 0 {\n",
		breaks: "the offer to ask an edited question again is made once",
	},

	// History.
	{
		name:   "history that cannot be read counts as read",
		file:   "bot/backfill/reading.go",
		old:    "		if err != nil {\n			return err\n		}\n		if *budget == 0 {\n",
		new:    "		if err != nil {\n			break\n		}\n		if *budget == 0 {\n",
		breaks: "the watermark moves only when history was read",
	},
	{
		name:   "history without replies",
		file:   "bot/backfill/reading.go",
		old:    "	for r.top && len(r.threads) > 0 && budget > 0 {\n",
		new:    "	for r.threads = nil; len(r.threads) > 0; {\n",
		breaks: "a missed follow-up is recovered",
	},
	{
		name:   "history is read once",
		file:   "bot/backfill/backfill.go",
		old:    "		wait := b.every\n",
		new:    "		wait := 1000 * b.every\n",
		breaks: "missed messages are recovered within an hour",
	},
	{
		name:   "new conversations begin when they are first read",
		file:   "bot/backfill/history.go",
		old:    "			read = all\n",
		new:    "			_ = all\n",
		breaks: "the first message of a conversation is recovered, too",
	},
	{
		name:   "direct messages have no older threads",
		file:   "bot/backfill/reading.go",
		old:    "		in.Oldest = slackevent.FormatTS(r.from.Add(-maxAge))\n",
		new:    "",
		breaks: "a missed reply in a thread that the store does not know is recovered",
	},

	// The queue.
	{
		name:   "a thread's questions in reverse order",
		file:   "bot/queue/queue.go",
		old:    "slackevent.CompareTS(a.ID.TS, b.ID.TS) })",
		new:    "slackevent.CompareTS(b.ID.TS, a.ID.TS) })",
		breaks: "the agent is asked the questions of a thread in the order of their messages",
	},
	{
		name:   "two questions of a thread at once",
		file:   "bot/queue/queue.go",
		old:    "{ return !q.held[e.Thread] && q.threads[e.Thread][0] == e }",
		new:    "{ return q.threads[e.Thread][0] == e }",
		breaks: "the agent is never asked two questions of a thread at the same time",
	},
	{
		name:   "questions of several people as one",
		file:   "bot/queue/queue.go",
		old:    "		if e.Asker != first.Asker || e.Agent",
		new:    "		if e.Agent",
		breaks: "only consecutive questions of one person are merged",
	},
	{
		name:   "a thread is never released",
		file:   "bot/dispatch/dispatcher.go",
		old:    "	d.queue.Release(b.lead().Thread)\n",
		new:    "",
		breaks: "the next question of a thread is asked when the one before has ended",
	},
	{
		name:   "a claim that fails forgets the question",
		file:   "bot/dispatch/ask.go",
		old:    "			d.requeue(e, b.texts[i])\n",
		new:    "			_ = b.texts[i]\n",
		breaks: "a question that the store cannot claim temporarily is asked later",
	},
	{
		name:   "a read that fails fails the question",
		file:   "bot/dispatch/ask.go",
		old:    "	err := storage.Retry(ctx, d.backOff, func() (err error) {\n		thread, err",
		new:    "	err := storage.Retry(ctx, d.backOff, func() (err error) {\n		defer func() {\n			if err != nil {\n				err = errors.Join(err, storage.ErrState)\n			}\n		}()\n		thread, err",
		breaks: "a disk that cannot be read temporarily loses no question",
	},
	{
		name:   "orphaned questions are left",
		file:   "bot/dispatch/reconcile.go",
		old:    "due := before[q.ID] == q.State &&",
		new:    "due := before[q.ID] == storage.Merged &&",
		breaks: "a question is asked if it was stored although the disk reported a failure",
	},

	// The limits.
	{
		name:   "no margin",
		file:   "bot/queue/limiter.go",
		old:    "least: margin, margin: margin, memory: ",
		new:    "memory: ",
		breaks: "the limits are kept although the network delays some calls more than others",
	},
	{
		name:   "calls count from when they are recorded",
		file:   "bot/queue/limiter.go",
		old:    "	taken = &Call{of: l}\n",
		new:    "	taken = &Call{of: l, left: now}\n",
		breaks: "the limits are kept on a slow disk",
	},
	{
		name:   "calls of earlier processes do not count",
		file:   "bot/queue/limiter.go",
		old:    "	for _, recorded := range earlier {\n",
		new:    "	for _, recorded := range earlier[:0] {\n",
		breaks: "a restart does not break the limits",
	},
	{
		name:   "calls are not recorded",
		file:   "storage/bolt_question.go",
		old:    "		if err := t.recordCall(at); err != nil {\n			return err\n		}\n",
		new:    "",
		breaks: "a restart does not break the limits",
	},
	{
		name:   "calls of earlier processes left when they were recorded",
		file:   "bot/queue/limiter.go",
		old:    "left: earliest(recorded.Add(leftWithin), now)}",
		new:    "left: earliest(recorded, now)}",
		breaks: "a restart does not break the limits, on a slow disk either",
	},
	{
		name:   "one call too many",
		file:   "enjo/budget.go",
		old:    "		if made < w.Calls {\n",
		new:    "		if made <= w.Calls {\n",
		breaks: "the limits are kept",
	},
	{
		name:   "a rate-limited call does not pause the others",
		file:   "bot/dispatch/outage.go",
		old:    "		d.limiter.Refused(time.Now(), failed.RetryAfter)\n",
		new:    "",
		breaks: "after Enjo has rate-limited a call, no call is made for as long as Enjo says",
	},
	{
		name:   "Retry-After is ignored",
		file:   "enjo/handle_refusal.go",
		old:    "			refusal.RetryAfter = retryAfter(resp.Header, now())\n",
		new:    "			refusal.RetryAfter = 0 * retryAfter(resp.Header, now())\n",
		breaks: "after Enjo has rate-limited a call, no call is made for as long as Enjo says",
	},

	// Asking.
	{
		name:   "unknown outcomes are not counted",
		file:   "storage/rules.go",
		old:    "		q.UnknownAttempts++\n",
		new:    "",
		breaks: "a question whose outcome is unknown is asked once more, not again and again",
	},
	{
		name:   "a question whose outcome is unknown is asked again and again",
		file:   "bot/dispatch/retry.go",
		old:    "		return (q.UnknownAttempts == 0 || down) && !risky, 0\n",
		new:    "		return !risky, 0\n",
		breaks: "a question whose outcome is unknown is asked once more, not again and again",
	},
	{
		name:   "an unknown outcome makes a second ticket",
		file:   "bot/dispatch/retry.go",
		old:    "		return (q.UnknownAttempts == 0 || down) && !risky, 0\n",
		new:    "		return q.UnknownAttempts == 0 || down, 0\n",
		breaks: "a question that may have made a ticket is not asked again",
	},
	{
		name:   "a question whose outcome is unknown is merged",
		file:   "bot/dispatch/dispatcher.go",
		old:    "q.Origin == storage.Button || q.UnknownAttempts > 0,",
		new:    "q.Origin == storage.Button,",
		breaks: "a question is not asked a third time, and does not fail, together with another one",
	},
	{
		name:   "an unknown outcome is final",
		file:   "bot/dispatch/retry.go",
		old:    "		return (q.UnknownAttempts == 0 || down) && !risky, 0\n",
		new:    "		return down && !risky, 0\n",
		breaks: "a question whose outcome is unknown is asked once more",
	},
	{
		name:   "a question that was not processed fails",
		file:   "bot/dispatch/retry.go",
		old:    "	case enjo.RateLimited, enjo.NotProcessed:\n",
		new:    "	case enjo.RateLimited:\n",
		breaks: "a question that the agent did not process is asked until it is",
	},
	{
		name:   "a rate-limited question fails",
		file:   "bot/dispatch/retry.go",
		old:    "	case enjo.RateLimited, enjo.NotProcessed:\n",
		new:    "	case enjo.NotProcessed:\n",
		breaks: "a rate-limited question is asked again",
	},
	{
		name:   "a cut connection counts as not processed",
		file:   "enjo/handle_send.go",
		old:    "			return nil, &Error{Code: OutcomeUnknown, Message: fmt.Sprintf(\"waiting",
		new:    "			return nil, &Error{Code: NotProcessed, Message: fmt.Sprintf(\"waiting",
		breaks: "a question that may have been processed is not asked again and again",
	},
	{
		name:   "a server error counts as not processed",
		file:   "enjo/handle_refusal.go",
		old:    "		return OutcomeUnknown\n",
		new:    "		return NotProcessed\n",
		breaks: "a question that may have been processed is not asked again and again",
	},
	{
		name:   "a timeout counts as not processed",
		file:   "enjo/handle_timeout.go",
		old:    "			Code: failure.Code, Status: failure.Status,\n",
		new:    "			Code: NotProcessed, Status: failure.Status,\n",
		breaks: "a question that may have been processed is not asked again and again",
	},
	{
		name:   "the breaker never opens",
		file:   "bot/queue/breaker.go",
		old:    "	if state.failures < breakAfter {\n",
		new:    "	if state.failures > 0 {\n",
		breaks: "an agent that is down is probed with one question at a time",
	},
	{
		name:   "the breaker never closes",
		file:   "bot/queue/breaker.go",
		old:    "	delete(b.agents, agent)\n",
		new:    "",
		breaks: "an agent that answers again is asked at full speed",
	},
	{
		name:   "nobody is notified of an outage",
		file:   "bot/dispatch/outage.go",
		old:    "		d.running.Go(func() { d.notifyOutage(ctx, storage.Question{ID: q.ID, Thread: q.Thread}) })\n",
		new:    "		_ = q\n",
		breaks: "the askers of waiting questions are notified that the agent is down",
	},
	{
		name:   "a conversation for each question",
		file:   "bot/dispatch/ask.go",
		old:    "	conversation := thread.Conversation\n",
		new:    "	conversation := thread.Conversation[:0]\n",
		breaks: "a thread is one conversation with the agent",
	},
	{
		name:   "one conversation for all threads",
		file:   "storage/bolt_thread.go",
		old:    "		fresh.LastActive = fresh.LastActive.UTC()\n",
		new:    "		fresh.LastActive = fresh.LastActive.UTC()\n		fresh.Conversation = \"common\"\n",
		breaks: "no two threads share a conversation",
	},

	// Questions of an earlier process.
	{
		name:   "questions that were being asked are left",
		file:   "bot/dispatch/reconcile.go",
		old:    "	if q.State == storage.Asking {\n",
		new:    "	if q.State == storage.Asking {\n		if q.Attempts > 0 {\n			return nil\n		}\n",
		breaks: "a question that was being asked when the process crashed is asked once more",
	},
	{
		name:   "answered questions are left",
		file:   "bot/dispatch/reconcile.go",
		old:    "	case storage.Answered:\n",
		new:    "	case storage.Merged:\n",
		breaks: "an answer that was stored when the process crashed is posted",
	},
	{
		name:   "queued questions are left",
		file:   "bot/dispatch/reconcile.go",
		old:    "		d.Add(q)\n",
		new:    "",
		breaks: "a question that waited when the process crashed is asked",
	},
	{
		name:   "statuses are not inherited",
		file:   "bot/deliver/status.go",
		old:    "		t.show(q.ID)\n",
		new:    "		if t.id == q.Thread {\n			return\n		}\n		t.show(q.ID)\n",
		breaks: "the next process clears the statuses that a process has left",
	},
	{
		name:   "a crash does not count as an unknown outcome",
		file:   "bot/dispatch/reconcile.go",
		old:    "d.store.Requeue(ctx, q.ID, time.Time{}, true)",
		new:    "d.store.Requeue(ctx, q.ID, time.Time{}, false)",
		breaks: "a question that crashes the process each time is not asked forever",
	},
	{
		name:   "the thread of an answer is not held",
		file:   "bot/dispatch/reconcile.go",
		old:    "		d.queue.Hold(q.Thread)\n",
		new:    "",
		breaks: "after a restart a thread's next question is not answered before the one before",
	},
	{
		name:   "an earlier process's posts are not looked for",
		file:   "bot/dispatch/reconcile.go",
		old:    ".WithContext(d.background), q, true)",
		new:    ".WithContext(d.background), q, false)",
		breaks: "an answer that was posted when the process crashed is not posted again",
	},

	// Outcomes.
	{
		name: "post before the outcome is stored",
		file: "bot/dispatch/ask.go",
		old:  "	err := storage.Retry(ctx, d.backOff, func() error { return d.store.SetOutcome(ctx, id, outcome, time.Now()) })\n",
		new: `	if early, err := d.store.Question(ctx, id); err == nil {
		early.Outcome = &outcome
		_ = d.deliver.Deliver(hard, early, false)
	}
	err := storage.Retry(ctx, d.backOff, func() error { return d.store.SetOutcome(ctx, id, outcome, time.Now()) })
`,
		breaks: "an outcome is stored before it is posted",
	},
	{
		name:   "an outcome that the disk does not accept is dropped",
		file:   "storage/retry.go",
		old:    "		timer := time.NewTimer(backOff(attempt))\n",
		new:    "		if attempt > 0 {\n			return err\n		}\n		timer := time.NewTimer(backOff(attempt))\n",
		breaks: "a disk that is full temporarily loses no outcome",
	},
	{
		name:   "parts are swapped",
		file:   "bot/deliver/post.go",
		old:    "	for part, m := range messages {\n",
		new:    "	for part := range messages {\n		part = len(messages) - 1 - part\n		m := messages[part]\n",
		breaks: "the parts of an answer are posted in their order",
	},
	{
		name:   "the last part is lost",
		file:   "bot/deliver/post.go",
		old:    "	for part, m := range messages {\n",
		new:    "	for part, m := range messages[:max(1, len(messages)-1)] {\n",
		breaks: "all parts of an answer are posted",
	},
	{
		name:   "a file is attached again",
		file:   "bot/slackapi/post.go",
		old:    "c.once(ctx, to, matches, check, 0, func() (string, error) {",
		new:    "c.once(ctx, to, matches, false, 0, func() (string, error) {",
		breaks: "the file of an answer is attached once",
	},
	{
		name:   "the bot's own posts are not found",
		file:   "bot/slackapi/marker.go",
		old:    "	if found.MetadataType != metadataType {\n",
		new:    "	if found.MetadataType != metadataType+\"s\" {\n",
		breaks: "nothing is posted again that is posted already",
	},
	{
		name:   "a post with an unknown outcome is not looked for",
		file:   "bot/slackapi/post.go",
		old:    "check = class == Unknown ||",
		new:    "check = class == Setup ||",
		breaks: "before a post is retried whose outcome is unknown, the bot looks for it",
	},
	{
		name:   "one attempt to post",
		file:   "bot/slackapi/retry.go",
		old:    "			if attempt == attempts {\n",
		new:    "			if attempt >= attempts {\n",
		breaks: "an answer is posted as soon as Slack accepts it",
	},
	{
		name:   "answers at the channel's top",
		file:   "bot/slackapi/post.go",
		old:    "		values.Set(\"thread_ts\", root)\n",
		new:    "",
		breaks: "an answer is posted in the thread of its question",
	},
	{
		name:   "misplaced posts stay",
		file:   "bot/slackapi/post.go",
		old:    "		return \"\", c.deleteAtTop(ctx, channel, ts)\n",
		new:    "		return \"\", ErrRootGone\n",
		breaks: "nothing is left at a channel's top when the root of a thread is deleted",
	},
	{
		name:   "links are unfurled",
		file:   "bot/slackapi/post.go",
		old:    "\"unfurl_links\": {\"false\"},",
		new:    "\"unfurl_links\": {\"true\"},",
		breaks: "Slack fetches none of an answer's links",
	},
	{
		name:   "a merged question gets no reaction",
		file:   "bot/deliver/merged.go",
		old:    "	for _, id := range merged {\n",
		new:    "	for _, id := range merged[:0] {\n",
		breaks: "the end of a merged question is visible",
	},
	{
		name:   "the store forgets the merged questions",
		file:   "storage/rules.go",
		old:    "	q.With = append(q.With, other.ID)\n",
		new:    "",
		breaks: "the end of a merged question is visible",
	},
	{
		name:   "the text of a merged question is lost",
		file:   "storage/rules.go",
		old:    "[]string{q.Text, other.Text}",
		new:    "[]string{q.Text, other.Text[:0]}",
		breaks: "each question reaches the agent",
	},
	{
		name:   "a merged question stays queued",
		file:   "storage/rules.go",
		old:    "		other.end(Merged, at)\n",
		new:    "",
		breaks: "a merged question is not asked again",
	},
	{
		name:   "an ended question stays unfinished",
		file:   "storage/bolt_question.go",
		old:    "	if err := t.delete(indexUnfinished, timeKey(q.AcceptedAt, q.key())); err != nil {\n		return err\n	}\n",
		new:    "",
		breaks: "the store knows which questions are unfinished",
	},
	{
		name:   "texts are kept",
		file:   "storage/rules.go",
		old:    "	q.Text = \"\"\n",
		new:    "",
		breaks: "the text of a question is erased at its end",
	},
	{
		name:   "threads are forgotten within the hour",
		file:   "bot/maintain.go",
		old:    "now.Add(-b.cfg.Retention)",
		new:    "now.Add(min(0, -time.Minute+b.cfg.Retention%time.Second))",
		breaks: "a thread is remembered for the configured time",
	},
	{
		name:   "the question is in the log",
		file:   "bot/dispatch/ask.go",
		old:    "log.Info().Str(\"conversation\", reply.ConversationID).",
		new:    "log.Info().Str(\"text\", q.Text).Str(\"conversation\", reply.ConversationID).",
		breaks: "the log contains no message text",
	},

	// Statuses.
	{
		name:   "a question ends before its status is cleared",
		file:   "bot/deliver/deliver.go",
		old:    "	gone := endStatus(len(posts) > 0)\n",
		new:    "	_ = endStatus(len(posts) > 0)\n	gone := make(chan struct{})\n	close(gone)\n",
		breaks: "a question ends once its status, session and reaction are cleared",
	},
	{
		name:   "the status stays",
		file:   "bot/deliver/thread.go",
		old:    "	for i, s := range t.shown {\n		s.ended =",
		new:    "	for i, s := range t.shown {\n		if i == theStatus {\n			continue\n		}\n		s.ended =",
		breaks: "the status of a thread is cleared when no post does that",
	},
	{
		name:   "the session stays",
		file:   "bot/deliver/thread.go",
		old:    "	for i, s := range t.shown {\n		s.ended =",
		new:    "	for i, s := range t.shown {\n		if i == theSession {\n			continue\n		}\n		s.ended =",
		breaks: "the session of a thread is closed at the end",
	},
	{
		name:   "reactions stay",
		file:   "bot/deliver/thread.go",
		old:    "	for i, s := range t.shown {\n		s.ended =",
		new:    "	for i, s := range t.shown {\n		if i.isReaction() {\n			continue\n		}\n		s.ended =",
		breaks: "the eyes on a question are removed at the end",
	},
	{
		name:   "a status is set after the answer",
		file:   "bot/deliver/status.go",
		old:    "return t.cut == nil }",
		new:    "return true }",
		breaks: "no status is set after the answer",
	},
	{
		name:   "a status that Slack sets late stays",
		file:   "bot/deliver/thread.go",
		old:    "			s.late = now.Add(lateTimeout)\n",
		new:    "			s.late = now\n",
		breaks: "no status is left if Slack sets it after it was cleared",
	},
	{
		name:   "one attempt to clear a status",
		file:   "bot/deliver/thread.go",
		old:    "s.failures < clearAttempts-1",
		new:    "s.failures < 0",
		breaks: "a status is cleared as soon as Slack accepts it",
	},

	// Tickets.
	{
		name:   "the ticket of an answer is not stored",
		file:   "storage/bolt_thread.go",
		old:    "	return t.updateTicket(q, *reply.Ticket, at)\n",
		new:    "	return nil\n",
		breaks: "a ticket that the agent made has a card",
	},
	{
		name:   "the card is not stored",
		file:   "storage/bolt_ticket.go",
		old:    "		r.ShowOn(ts, shown)\n",
		new:    "		r.ShowOn(r.Card, shown)\n",
		breaks: "a ticket has one card",
	},
	{
		name:   "the card of an earlier process counts as up to date",
		file:   "bot/ticket/card.go",
		old:    "		posts = append(posts, t.Card)\n",
		new:    "		posts, latest = append(posts, t.Card), true\n",
		breaks: "a card that was posted before a crash shows the latest update",
	},
	{
		name:   "a card that was posted again is forgotten",
		file:   "bot/ticket/card.go",
		old:    "		if again != \"\" {\n",
		new:    "		if again == \"none\" {\n",
		breaks: "a ticket has one card in a thread, also if the process crashes when it is posted again",
	},
	{
		name:   "a change is posted again after a crash",
		file:   "bot/ticket/card.go",
		old:    "digest(t), partChange, check)",
		new:    "digest(t), partChange, false)",
		breaks: "each change of a ticket is posted once",
	},
	{
		name:   "the card is not edited",
		file:   "bot/ticket/card.go",
		old:    "	rejected := c.slack.Update(ctx, t.Thread.Channel, t.Card, blocks.Ticket(t.Latest))\n",
		new:    "	rejected := ctx.Err()\n",
		breaks: "the card shows the latest state of the ticket",
	},
	{
		name:   "a change is not posted",
		file:   "bot/ticket/card.go",
		old:    "blocks.TicketChange(t.Shown, t.Latest); changed {",
		new:    "blocks.TicketChange(t.Shown, t.Latest); changed && t.Card == \"\" {",
		breaks: "the changes of a ticket are posted in its thread",
	},
	{
		name:   "updates of an earlier process are not shown",
		file:   "bot/ticket/reconcile.go",
		old:    "		if !r.begin(key) {\n",
		new:    "		if !r.begin(key) || check {\n",
		breaks: "an update of a ticket that was stored when the process crashed is shown",
	},
	{
		name:   "updates of an earlier process are shown again",
		file:   "bot/ticket/reconcile.go",
		old:    "r.reconcile(soft, hard, atStart)",
		new:    "r.reconcile(soft, hard, atStart && hard == nil)",
		breaks: "each change of a ticket is posted once",
	},
	{
		name:   "an update that could not be stored is accepted",
		file:   "bot/ticket/webhook.go",
		old:    "	case err != nil:\n		return http.StatusServiceUnavailable, err\n",
		new:    "	case err != nil:\n		return http.StatusOK, nil\n",
		breaks: "the webhook responds 200 only once an update is stored",
	},

	// Buttons.
	{
		name:   "each press asks",
		file:   "bot/interact/ask.go",
		old:    "storage.ButtonID(i.Message(h.Self.TeamID), button)",
		new:    "storage.ButtonID(i.Message(h.Self.TeamID), button+i.Trigger)",
		breaks: "pressing a button twice asks once",
	},
	{
		name:   "a press that could not be stored is acked",
		file:   "bot/interact/ask.go",
		old:    "		return nil, err\n	}\n	if !fresh {\n",
		new:    "		return func() {}, nil\n	}\n	if !fresh {\n",
		breaks: "a press is acked only once it is stored",
	},
	{
		name:   "an escalation does not mute",
		file:   "bot/interact/escalate.go",
		old:    "SetMuted(ctx, q.Thread, true)",
		new:    "SetMuted(ctx, q.Thread, false)",
		breaks: "the bot is quiet in a thread that was escalated to a person",
	},
	{
		name:   "an escalation is posted again",
		file:   "bot/interact/escalate.go",
		old:    "	if err != nil || before != \"\" || thread.Muted {\n",
		new:    "	if err != nil || (before == \"never\" && thread.Muted) {\n",
		breaks: "a thread is escalated once",
	},
}
