package blocks

// Messages to the author of a question that could not be answered, and advice
// on what to do.
const (
	SayAskedTooMuch  = "The agent is asked too much at the moment."
	CureAskedTooMuch = "Please ask again in a few minutes."

	SayUnreachable  = "The agent cannot be reached at the moment."
	CureUnreachable = "Please ask again in a few minutes."

	SayNoAnswer  = "The agent did not answer."
	CureNoAnswer = "Please ask again in a moment."

	SayUnconfirmed  = "The agent did not answer, so I don't know whether it has opened or changed a ticket."
	CureUnconfirmed = "Please check your tickets before you try again."

	SayUnreadable  = "The agent's answer could not be read."
	CureUnreadable = "Please ask again, perhaps in other words."

	SayRejected  = "The agent did not accept this question."
	CureRejected = "Please put it in other words."

	SayAgentGone  = "The agent of this thread is not there any more."
	CureAgentGone = "Please ask again in a new thread."

	SayEmptyText  = "I found no question in your message."
	CureEmptyText = "Please write it in words."

	SayUnread  = "Slack didn't give me your message, so I couldn't ask."
	CureUnread = "Please try again in a few minutes, or write your question again."

	SayNoAccess  = "I can't read your message here any more, so I couldn't ask."
	CureNoAccess = "Please invite me to this conversation again and try again, or write to me directly."

	SayUntaken  = "I have an answer, but Slack does not take it."
	CureUntaken = "Please ask again, perhaps in other words."

	SayNotPosted  = "I couldn't post my reply to your question in the thread."
	CureNotPosted = "Please ask me again, here or there. If it keeps happening, give your support team the reference below."

	SayRemoved  = "I couldn't post my reply to your question, because I'm not in that channel any more."
	CureRemoved = "Invite me again and ask again there, or ask me here."

	SayArchived  = "I couldn't post my reply to your question, because the channel is archived."
	CureArchived = "Please ask me again in another channel, or here."

	SayRestricted  = "I couldn't post my reply to your question, because I'm not allowed to post there."
	CureRestricted = "Please ask me again here, or ask a channel manager to let me post."

	SayChannelGone  = "I couldn't post my reply to your question, because I can't find the channel any more."
	CureChannelGone = "If the channel is still there, invite me again and ask again there. You can also ask me here."

	SayThreadGone  = "I couldn't post my reply to your question, because the first message of its thread is deleted."
	CureThreadGone = "Please ask me again in a new thread, or here."

	// CureAskHere goes with what everyone in a channel should have seen there.
	CureAskHere = "I'm not allowed to post there, so I'm telling you here. If you still need an answer, please ask me here."

	SayFault  = "Something went wrong on my side."
	CureFault = "Please ask again."
)
