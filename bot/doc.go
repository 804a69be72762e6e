// Package bot is the bridge between one Slack workspace, or one organisation, and Enjo's
// agents: it wires the packages below it and runs them. It does not know what they do.
//
// A question goes this way:
//
//	socketmode   receives an envelope
//	receive      decodes it (slackevent), and keeps the order within a thread
//	intake       decides, and stores the question; then the envelope is acked
//	dispatch     queues it (queue), waits for its turn and the limits, and asks the agent
//	deliver      posts the outcome (slackapi), and ends the question
//
// Buttons, modals, the slash command and App Home go from receive to interact, and events
// about channels to workspace. Messages that Slack never delivered go from backfill to
// intake. Cards of tickets are kept by ticket. docs/architecture.md has the diagram.
//
// The acceptor does what comes before the ack, and the worker the rest. Without replicas, one
// process has both, and the acceptor hands each question to the worker. With replicas (a
// [storage.Replicated] store), each has an acceptor, and the one with the lease (replica) a
// worker, which is built for the lease, works on a fenced store, and ends with the lease. What
// an acceptor stores is announced by the store, and the worker reads the store.
//
// A question is a Slack message, a press of a button, or a slash command that is put to an
// agent. Its states are those of package storage, and each arrow is one transaction:
//
//	queued ──▶ asking ──▶ answered ──▶ delivered | failed | cancelled
//	  │ ▲         │          ▲
//	  │ └─────────┘          │  not processed by the agent: asked again later
//	  └──────────────────────┘  stopped before it was asked: that is its outcome
//
// Slack gets its ack only after a question is on disk, and an outcome is stored before
// it is posted. So a process that is killed continues after its restart: a queued
// question is asked, one that was being asked is asked once more, and the outcome of
// an answered one is looked for in its thread, and posted if it is not there.
package bot
