package enjo

import (
	"cmp"
	"io/fs"
	"testing"
)

func builtinIndex(t testing.TB) *index {
	t.Helper()
	from, err := fs.Sub(builtin, "articles")
	if err != nil {
		t.Fatal(err)
	}
	articles, err := readArticles(from)
	if err != nil {
		t.Fatal(err)
	}
	return newIndex(articles)
}

// Ensure that people find the right article with their own words.
func TestQuestionFindsArticle(t *testing.T) {
	x := builtinIndex(t)
	for _, tt := range []struct{ question, article string }{
		{"How do I reset my VPN password?", "it/vpn.md"},
		{"vpn says authentication failed", "it/vpn.md"},
		{"I can't connect to the VPN from home any more since I changed my password", "it/vpn.md"},
		{"I got a new phone, how do I move my authenticator?", "it/mfa.md"},
		{"lost my phone and now I don't get MFA codes", "it/mfa.md"},
		{"2FA code is refused", "it/mfa.md"},
		{"What's the Wi-Fi password?", "it/wifi.md"},
		{"wifi is super slow in the kitchen", "it/wifi.md"},
		{"How do my guests get internet access?", "it/wifi.md"},
		{"printer has a paper jam", "it/printer.md"},
		{"how can I scan to email", "it/printer.md"},
		{"my laptop does not start", "it/laptop.md"},
		{"The screen of my laptop is cracked", "it/laptop.md"},
		{"I spilled coffee on my notebook!!", "it/laptop.md"},
		{"my laptop is so slow today", "it/laptop.md"},
		{"laptop was stolen on the train", "it/laptop.md"},
		{"I need to install Docker", "it/software.md"},
		{"can I get admin rights on my computer", "it/software.md"},
		{"need access to Jira", "it/jira.md"},
		{"please give me permission for the Confluence wiki", "it/jira.md"},
		{"how do I create a new Jira project?", "it/jira.md"},
		{"I think I clicked on a phishing link", "it/phishing.md"},
		{"got a suspicious mail from the CEO about gift cards", "it/phishing.md"},
		{"set up email on my iPhone", "it/phone-mail.md"},
		{"Outlook calendar doesn't sync on Android", "it/phone-mail.md"},
		{"the screen in the conference room stays black", "it/meeting-room.md"},
		{"How do I share my screen in a meeting room", "it/meeting-room.md"},
		{"how do I claim a taxi receipt", "hr/expenses.md"},
		{"What is the per diem for business trips?", "hr/expenses.md"},
		{"how many vacation days do I have left", "hr/holidays.md"},
		{"I'm sick today, what do I need to do?", "hr/holidays.md"},
		{"parental leave", "hr/holidays.md"},
		{"what happens on my first day", "hr/onboarding.md"},
		{"We have a new hire starting in March, what should I order?", "hr/onboarding.md"},
		{"Hi team! My manager told me to ask here: where do I hand in the hotel invoice from last week?", "hr/expenses.md"},
		{"What is the capital of France?", ""},
		{"Write me a poem about the sea", ""},
		{"who won the football match yesterday", ""},
		{"asdf qwer", ""},
		{"???", ""},
		{"the of and", ""},
	} {
		t.Run(tt.question, func(t *testing.T) {
			hits := x.search(queryTerms(tt.question))
			found := hit{article: &article{}}
			if len(hits) > 0 && hits[0].score >= minScore {
				found = hits[0]
			}
			if found.article.name != tt.article {
				t.Errorf("found %s, want %s", cmp.Or(found.article.name, "nothing"), cmp.Or(tt.article, "nothing"))
			}
			for _, h := range hits {
				if h.score <= 0 || h.score > 1 {
					t.Errorf("score of %s is %v", h.article.name, h.score)
				}
			}
		})
	}
}
