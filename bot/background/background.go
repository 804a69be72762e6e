// Package background runs tasks for which no event waits, such as replies, so that the
// tasks of one person do not hold up those of others. It does not know what the tasks do.
// They are lost if the process ends, so nothing that must last may depend on them.
package background

import (
	"context"
	"slices"
	"sync"
	"time"

	"enjobridge/bot/supervise"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

// Limits bounds the tasks of a [Pool].
type Limits struct {
	Running     int           // tasks that run at once
	RunningEach int           // of these, of one person
	Waiting     int           // tasks that wait
	WaitingEach int           // of these, of one person
	Timeout     time.Duration // of one task
	// Burst is how many tasks of one person can start without a pause, and Every the
	// time after which the next one can. No Burst is unlimited.
	Burst int
	Every time.Duration
}

// Pool runs tasks. People take turns, one task at a time.
type Pool struct {
	ctx    context.Context
	limits Limits
	panics *supervise.Supervisor
	log    zerolog.Logger

	mu         sync.Mutex
	closed     bool
	running    int
	waiting    int
	people     map[string]*person
	round      []string // the people with tasks that wait, in the order of their turns
	unfinished sync.WaitGroup
}

// person is somebody with tasks.
type person struct {
	running int
	waiting []task
	pace    *rate.Limiter
}

type task struct {
	what string
	do   func(context.Context)
}

// maxPeople is the number of people from which on idle ones are forgotten.
const maxPeople = 1_000

// New returns a pool whose tasks are cancelled with ctx.
func New(ctx context.Context, limits Limits, panics *supervise.Supervisor, log zerolog.Logger) *Pool {
	return &Pool{ctx: ctx, limits: limits, panics: panics, log: log, people: make(map[string]*person)}
}

// Start runs a task of a person as soon as it is that person's turn. It does not wait.
// It returns false, and forgets the task, if the person has too many of them, or the
// pool is full or closed.
func (p *Pool) Start(who, what string, do func(context.Context)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.person(who)
	if p.closed || p.waiting >= p.limits.Waiting || len(one.waiting) >= p.limits.WaitingEach || !one.pace.Allow() {
		return false
	}
	p.unfinished.Add(1)
	if len(one.waiting) == 0 {
		p.round = append(p.round, who)
	}
	one.waiting = append(one.waiting, task{what, do})
	p.waiting++
	p.next()
	return true
}

// person returns a person. If there are many it forgets idle ones.
func (p *Pool) person(who string) *person {
	if one := p.people[who]; one != nil {
		return one
	}
	if len(p.people) >= maxPeople {
		for name, one := range p.people {
			if one.running == 0 && len(one.waiting) == 0 && one.pace.Tokens() >= float64(p.limits.Burst) {
				delete(p.people, name)
			}
		}
	}
	one := &person{pace: rate.NewLimiter(rate.Inf, 0)}
	if p.limits.Burst > 0 {
		one.pace = rate.NewLimiter(rate.Every(p.limits.Every), p.limits.Burst)
	}
	p.people[who] = one
	return one
}

// next starts the tasks whose turn it is. The caller must hold mu.
func (p *Pool) next() {
	for p.running < p.limits.Running {
		at := slices.IndexFunc(p.round, func(who string) bool { return p.people[who].running < p.limits.RunningEach })
		if at < 0 {
			return
		}
		who := p.round[at]
		one := p.people[who]
		due := one.waiting[0]
		one.waiting = slices.Delete(one.waiting, 0, 1)
		p.round = slices.Delete(p.round, at, at+1)
		if len(one.waiting) > 0 {
			p.round = append(p.round, who)
		}
		p.waiting--
		p.running++
		one.running++
		go p.run(one, due)
	}
}

// run runs a task, and then starts the next one.
func (p *Pool) run(one *person, t task) {
	defer p.unfinished.Done()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.running--
		one.running--
		p.next()
	}()
	defer func() {
		if fault := recover(); fault != nil {
			p.panics.Report(p.log, t.what, fault)
		}
	}()
	ctx, cancel := context.WithTimeout(p.log.WithContext(p.ctx), p.limits.Timeout)
	defer cancel()
	t.do(ctx)
}

// Wait waits until no task runs or waits.
func (p *Pool) Wait() { p.unfinished.Wait() }

// Close starts no more tasks, and waits for those that run or wait.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Wait()
}
