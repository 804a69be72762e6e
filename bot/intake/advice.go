package intake

// deeds describe each action to an operator.
var deeds = map[action]string{
	actionAsk:     "accepted it as a question",
	actionIgnore:  "ignored it",
	actionRefuse:  "refused it, and told the sender why",
	actionReact:   "added a reaction",
	actionStop:    "stopped the questions of the thread",
	actionMute:    "muted the thread",
	actionCommand: "ran the command",
	actionWait:    "waited for the other event of the message, which can say where the sender belongs",
	actionEdit:    "changed the question that waited",
	actionOffer:   "offered the sender to ask again",
	actionRetract: "took the question back, with its answer unless people had replied to it",
}

// Deed describes the decision of a [storage.Copy] to an operator, as what the bot did.
func Deed(decision string) string {
	if deed, ok := deeds[action(decision)]; ok {
		return deed
	}
	return decision
}

// advice tells an operator how to get another decision.
var advice = map[reason]string{
	reasonOtherBot:          "To let this bot ask, add its bot ID to ALLOWED_BOTS.",
	reasonBotLoop:           "A person's question there ends the loop. To silence the other bot, remove it from ALLOWED_BOTS.",
	reasonHasNotAsked:       "To ask, mention the bot. With FOLLOW_UPS=all, replies need no mention.",
	reasonNotAddressed:      "To ask, mention the bot.",
	reasonToAnother:         "To ask, mention the bot, too.",
	reasonMuted:             "A mention of the bot ends the silence in the thread.",
	reasonOutsider:          "Set ALLOW_EXTERNAL to serve other organisations.",
	reasonUnverified:        "Slack does not say where the sender belongs. Set ALLOW_EXTERNAL to serve everyone.",
	reasonChannelNotAllowed: "Add the channel's ID to ALLOWED_CHANNELS.",
	reasonUserNotAllowed:    "Add the person's ID to ALLOWED_USERS.",
	reasonTooManyOfAsker:    "Wait, or raise MAX_WAITING_PER_USER.",
	reasonTooMany:           "Wait, or raise MAX_WAITING.",
	reasonStale:             "The sender can press the button below the message, or ask again. STALE_AFTER sets the limit.",
	reasonDailyLimit:        "Wait until the next day in UTC, or raise CHANNEL_DAILY_LIMIT.",
	reasonFilesOnly:         "The agent cannot read files: the sender has to write a question.",
	reasonNoText:            "The sender has to write a question after the mention.",
}

// Advice tells an operator how to get another decision than the one with the reason of a
// [storage.Copy]; empty if there is nothing to do.
func Advice(why string) string { return advice[reason(why)] }
