// Package sim contains the tests of the whole system: the bot, a local Slack and a local
// agent. It has no code except tests.
package sim
