package bot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enjobridge/bot/slackevent"
)

// vectorKinds are the types of envelopes by the kind of a vector.
var vectorKinds = map[string]string{
	"events": slackevent.EventsAPI, "interactive-components": slackevent.Interactive, "dialogs": slackevent.Interactive,
	"views": slackevent.Interactive, "slash-commands": slackevent.SlashCommands,
}

// vectorDecisions are the decisions on payloads that others collected, by their name, when
// a person caused them. The bot has no part in those without a decision.
var vectorDecisions = map[string]string{
	"AppHomeOpenedPayload":                    "home",
	"AppMentionPayload":                       "ask: mentioned",
	"ChannelIdChangedPayload":                 "ChannelIDChanged",
	"MessageBotPayload":                       "ignore: sent by a bot",
	"MessageChangedPayload":                   "MessageChanged",
	"MessageChannelArchivePayload":            notAPersons,
	"MessageChannelJoinPayload":               notAPersons,
	"MessageChannelLeavePayload":              notAPersons,
	"MessageChannelNamePayload":               notAPersons,
	"MessageChannelPostingPermissionsPayload": notAPersons,
	"MessageChannelPurposePayload":            notAPersons,
	"MessageChannelTopicPayload":              notAPersons,
	"MessageChannelUnarchivePayload":          notAPersons,
	"MessageDeletedPayload":                   "MessageDeleted",
	"MessageEkmAccessDeniedPayload":           notAPersons,
	"MessageFileSharePayload":                 "ask: mentioned",
	"MessageGroupTopicPayload":                notAPersons,
	"MessageMePayload":                        "ask: mentioned",
	"MessagePayload":                          "ask: mentioned",
	"MessageRepliedPayload":                   notAPersons,
	"MessageThreadBroadcastPayload":           "ask: mentioned",
	"BlockActionPayload":                      "button",
	"SlashCommandPayload":                     "command",
	"ViewSubmissionPayload":                   "modal",

	"AppRateLimitedPayload": nothing, "AppRequestedPayload": nothing, "AppUninstalledPayload": nothing, "CallRejectedPayload": nothing,
	"ChannelArchivePayload": nothing, "ChannelCreatedPayload": nothing, "ChannelDeletedPayload": nothing, "ChannelHistoryChangedPayload": nothing,
	"ChannelLeftPayload": nothing, "ChannelRenamePayload": nothing, "ChannelSharedPayload": nothing, "ChannelUnarchivePayload": nothing,
	"ChannelUnsharedPayload": nothing, "DndUpdatedPayload": nothing, "DndUpdatedUserPayload": nothing, "EmailDomainChangedPayload": nothing,
	"EmojiChangedPayload": nothing, "FileChangePayload": nothing, "FileCreatedPayload": nothing, "FileDeletedPayload": nothing,
	"FilePublicPayload": nothing, "FileSharedPayload": nothing, "FileUnsharedPayload": nothing, "GoodbyePayload": nothing,
	"GridMigrationFinishedPayload": nothing, "GridMigrationStartedPayload": nothing, "GroupArchivePayload": nothing, "GroupClosePayload": nothing,
	"GroupDeletedPayload": nothing, "GroupHistoryChangedPayload": nothing, "GroupLeftPayload": nothing, "GroupOpenPayload": nothing,
	"GroupRenamePayload": nothing, "GroupUnarchivePayload": nothing, "ImClosePayload": nothing, "ImCreatedPayload": nothing,
	"ImHistoryChangedPayload": nothing, "ImOpenPayload": nothing, "InviteRequestedPayload": nothing, "LinkSharedPayload": nothing,
	"MemberJoinedChannelPayload": nothing, "MemberLeftChannelPayload": nothing, "PinAddedPayload": nothing, "PinRemovedPayload": nothing,
	"ReactionAddedPayload": nothing, "ReactionRemovedPayload": nothing, "ResourcesAddedPayload": nothing, "ResourcesRemovedPayload": nothing,
	"ScopeDeniedPayload": nothing, "ScopeGrantedPayload": nothing, "StarAddedPayload": nothing, "StarRemovedPayload": nothing,
	"SubteamCreatedPayload": nothing, "SubteamMembersChangedPayload": nothing, "SubteamSelfAddedPayload": nothing, "SubteamSelfRemovedPayload": nothing,
	"SubteamUpdatedPayload": nothing, "TeamAccessGrantedPayload": nothing, "TeamAccessRevokedPayload": nothing, "TeamDomainChangePayload": nothing,
	"TeamJoinPayload": nothing, "TeamRenamePayload": nothing, "TokensRevokedPayload": nothing, "UserChangePayload": nothing,
	"UserHuddleChangedPayload": nothing, "UserProfileChangedPayload": nothing, "UserResourceDeniedPayload": nothing,
	"UserResourceGrantedPayload": nothing, "UserResourceRemovedPayload": nothing, "UserStatusChangedPayload": nothing,
	"WorkflowDeletedPayload": nothing, "WorkflowPublishedPayload": nothing, "WorkflowStepDeletedPayload": nothing,
	"WorkflowStepExecutePayload": nothing, "WorkflowUnpublishedPayload": nothing, "DialogCancellationPayload": nothing,
	"DialogSubmissionPayload": nothing, "DialogSuggestionPayload": nothing, "AttachmentActionPayload": nothing, "MessageShortcutPayload": nothing,
	"ViewClosedPayload": nothing,
}

// notAPersons is the decision on a message that Slack or a bot wrote.
const notAPersons = "ignore: not a message of a person's"

// vector is one payload; its identifiers are empty.
type vector struct {
	Name, Kind string
	Payload    map[string]any
}

// Ensure that payloads that others collected are acked once, without a panic, and decided
// as the table says, and that no bot is answered.
func TestVectors(t *testing.T) {
	folder := os.Getenv("ENJOBRIDGE_VECTORS")
	if folder == "" {
		t.Skip("ENJOBRIDGE_VECTORS does not name the folder with the payloads of others")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "slack-payloads.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	bubble(t, func(t *testing.T) {
		d := newDecider(t)
		lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
		for n, line := range lines {
			for _, byBot := range []bool{false, true} {
				var v vector
				if err := json.Unmarshal(line, &v); err != nil {
					t.Fatal(err)
				}
				f := filler{second: 2*n + map[bool]int{true: 1}[byBot], byBot: byBot}
				f.fill(v.Payload, "")
				if event, ok := v.Payload["event"].(map[string]any); ok && byBot {
					event["bot_id"] = "B2"
				}
				payload, err := json.Marshal(v.Payload)
				if err != nil {
					t.Fatal(err)
				}
				got := d.decide(vectorKinds[v.Kind], payload)
				want, known := vectorDecisions[v.Name]
				switch {
				case !known:
					t.Errorf("%s is not in the table; it is decided %q", v.Name, got)
				case !byBot && got != want:
					t.Errorf("%s: decided %q, want %q", v.Name, got, want)
				case byBot && strings.HasPrefix(got, "ask"):
					t.Errorf("%s: a bot's is decided %q", v.Name, got)
				}
			}
		}
		if len(lines) != len(vectorDecisions) {
			t.Errorf("there are %d payloads, and %d in the table", len(lines), len(vectorDecisions))
		}
	})
}

// filler fills in identifiers where a payload has none.
type filler struct {
	second int  // of the timestamps
	byBot  bool // a bot caused it
}

// fill fills in the fields of an object, which is in the field parent of another.
func (f filler) fill(object map[string]any, parent string) {
	for name, value := range object {
		switch value := value.(type) {
		case string:
			if strings.Trim(value, "0.") == "" {
				object[name] = f.value(name, parent, object)
			}
		case map[string]any:
			f.fill(value, name)
		case []any:
			for _, one := range value {
				if element, ok := one.(map[string]any); ok {
					f.fill(element, name)
				}
			}
		}
	}
}

// value returns the value of an empty field.
func (f filler) value(name, parent string, object map[string]any) string {
	switch name {
	case "id":
		return map[string]string{"user": "U1", "channel": "C1", "team": "T1", "view": "V1"}[parent]
	case "user", "user_id", "author_id":
		return "U1"
	case "channel", "channel_id", "old_channel_id":
		return "C1"
	case "new_channel_id":
		return "C2"
	case "team", "team_id", "user_team", "source_team":
		return "T1"
	case "ts", "event_ts", "message_ts", "deleted_ts":
		return fmt.Sprintf("%d.000200", 1772452800+f.second)
	case "thread_ts":
		return fmt.Sprintf("%d.000100", 1772452800+f.second)
	case "bot_id":
		if f.byBot || object["subtype"] == "bot_message" {
			return "B2"
		}
	case "text":
		return map[bool]string{true: "<@UBOT> helo me", false: "<@UBOT> help me"}[parent == "previous_message"]
	case "type":
		return map[string]string{"": "event_callback", "message": "message", "container": "message"}[parent]
	case "channel_type":
		return "channel"
	case "tab":
		return "home"
	case "action_id", "callback_id":
		return "a"
	}
	return ""
}
