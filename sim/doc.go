// Package sim holds the tests of the whole system: the bot, a local Slack and a
// local agent. It has no code outside of its tests.
package sim
