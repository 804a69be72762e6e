// Package enjo is a local agent that speaks the Enjo API as it is published at
// https://docs.enjo.ai/enjo-api, for tests and demonstrations without an
// account and without a network.
//
// [Open] starts one on a free port of 127.0.0.1. It answers from Markdown
// articles on IT and HR matters: the best ones by BM25 are named as sources,
// and the fitting section of the first is the answer. It remembers
// conversations, so that "and on Linux?" goes on with what was asked before. A
// message with an unknown conversationId starts a new conversation, under a new ID.
//
// It opens a ticket when asked to ("open a ticket: my laptop is broken"). Each
// later question about a ticket in its conversation is told what changed since
// it was last told of; if nothing did, the ticket moves on from Open to In
// Progress to Resolved.
//
// It keeps the published limits, and refuses what the API would refuse. What is
// not published is a choice in [Config]. [Agent.Faults] makes calls go wrong in
// the ways of networks, proxies and broken servers, and [Agent.Requests] tells
// what arrived.
package enjo
