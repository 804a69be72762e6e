package intake

// FollowUps says who can continue in the bot's threads without a mention.
type FollowUps string

// The values of [FollowUps].
const (
	FollowUpAskers  FollowUps = "askers"  // people who have asked in the thread
	FollowUpAll     FollowUps = "all"     // everyone
	FollowUpMention FollowUps = "mention" // nobody: each question needs a mention
)
