// Package bot is the bridge between Slack and an Enjo agent.
//
// A [Bot] is made with [New] and lives as long as [Bot.Run]. What it does with
// a message goes one way through these files:
//
//	socket.go    holds one Socket Mode connection open (connection.go), and replaces it
//	listen.go    takes envelopes off the sockets: decode, decide, persist, ack
//	intake.go    decides what is to be done with a message: a pure function
//	keep.go      makes that last
//	early.go     remembers what came before the question that it belongs to
//	line.go      orders the questions that wait: a pure data structure
//	place.go     tells where in line a question is
//	prepare.go   makes the text for the agent out of Slack's
//	slots.go     decides when the agent's limits allow a call
//	work.go      takes a call, and then the question whose turn it is
//	ask.go       asks it, and acts on what comes back
//	deliver.go   posts the outcome, exactly once
//	indicator.go shows in the thread that a question is being worked on
//	clear.go     takes that away again
//
// Beside that way stand changed.go (edits and deletions), stop.go, outage.go
// (an agent that is down), sweep.go and history.go (what Slack never told),
// resume.go (what an earlier process left), rejoin.go (what a failing disk
// left), and what operators see: health.go, metrics.go, scope.go and http.go.
//
// What people press, submit and command goes another way: interaction.go decodes
// it, press.go decides and stores what must not be lost, and the rest happens on
// errands: feedback.go, retry.go, escalate.go, ticket_state.go, ticket_closed.go,
// command.go, home.go. The card of a ticket (ticket_card.go) is kept up to date
// from answers and from what the ticketing system tells (webhook.go).
//
// A question is a Slack message, or the press of a button, that is put to an
// agent. Its states are those of package storage, and every arrow is one
// transaction:
//
//	queued ──▶ asking ──▶ answered ──▶ delivered | failed | cancelled
//	  │ ▲         │          ▲
//	  │ └─────────┘          │  not processed by the agent: asked again later
//	  └──────────────────────┘  stopped before it was asked: that is its outcome
//
// Slack is told "received" only after a question is queued on disk, and an
// outcome is stored before it is posted. So a process that dies at any moment
// goes on after its restart where it was: a queued question is asked, one that
// was being asked is asked once more, and one that was answered is looked for
// in the thread, posted if it is not there, and ended when no sign is left of it.
package bot
