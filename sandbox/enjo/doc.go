// Package enjo is a local agent with the Enjo API as published at
// https://docs.enjo.ai/enjo-api, for tests and demonstrations without an
// account or a network.
//
// [Open] starts an agent on a free port of 127.0.0.1. It answers from Markdown
// articles about IT and HR, ranked with BM25: the best articles are the
// sources, and the best section of the first one is the answer. It stores
// conversations, so that "and on Linux?" is understood as a follow-up. A
// message with an unknown conversationId starts a new conversation with a new
// ID.
//
// It opens a ticket on request ("open a ticket: my laptop is broken"). Each
// later question about a ticket in the same conversation reports its status. If
// the status has not changed since the last report, it advances from Open to In
// Progress to Resolved.
//
// The agent enforces the published limits, and refuses the requests that the
// API would refuse. [Config] decides what is not published. [Agent.Faults]
// simulates failures of networks, proxies and servers, and [Agent.Requests]
// returns the received requests.
package enjo
