package intake

import (
	"strings"
	"testing"
)

// Ensure that nothing but thanks is recognised, however people write it.
func TestIsThanks(t *testing.T) {
	for _, text := range []string{
		"thanks", "Thanks!", "THANKS!!!", "thank you", "Thank you so much!", "thx", "thx :)", "ty", "TYSM", "tysm!!", "cheers", "Cheers, mate!", "many thanks",
		"much appreciated", "Really appreciate it, thank you", "thanks a lot", "thanks a million :)", "Thanks again!", "thanks everyone", "thaaanks", "thanksss",
		"Thanks, that fixed it!", "that worked, thank you", "That worked perfectly, thanks so much!!", "got it", "Got it, thanks", "Got it!", "gotcha",
		"perfect, thank you so much!", "ok thanks", "Okay, thank you.", "okay great, thanks", "Great, thanks!", "awesome, thank you :tada:", "all good now, thanks",
		"It works now. Thanks!", "that did the trick, cheers", "Thanks, you're the best!", "Thank you, that’s exactly what I needed", "thanks for your help!",
		"Thanks for the quick reply", "thanks for the info :+1:", "Thanks & cheers", "*Thanks!*", "`thx`", "oh great - thanks", "I'll try that, thanks", "thanks, will do",
		":pray:", ":+1:", ":+1::skin-tone-3:", ":+1: :heart:", "🙏", "👍🏽", "🙏🏿", "❤️", "❤", "👍👍👍", "🙇‍♀️", "🙏 🎉", "thanks 🙏", "Thanks! 😊", "merci 👍🏻", "+1", "<3 thanks",
		"thanks &lt;3", "🎉 thanks 🎉", "Thanks <@U024BE7LH>!", "<@U024BE7LH|alice> thank you", "thanks :slightly_smiling_face:", ":thankyou:", "🧡",
		"Danke", "danke schön!", "Danke schoen", "Vielen Dank für die Hilfe!", "Vielen lieben Dank", "super, danke", "Hat geklappt, danke dir!", "ok danke", "Alles klar, danke!",
		"Merci", "merci beaucoup !", "Merci pour votre aide", "Parfait, merci", "C'est bon, merci", "Gracias", "¡Muchas gracias!", "muchas gracias por tu ayuda", "Perfecto, gracias",
		"ya funciona, gracias", "Obrigado!", "muito obrigada", "Obrigada pela ajuda", "valeu", "Grazie", "grazie mille!", "Perfetto, grazie", "Dank je wel", "bedankt!", "Hartelijk dank",
		"top, bedankt", "Dziękuję", "dzieki", "Dzięki wielkie!", "działa, dziękuję bardzo", "Tack!", "tack så mycket", "Tack för hjälpen", "mange tak", "Tusen takk!", "takk for hjelpen",
		"Kiitos", "kiitos paljon!", "Teşekkürler", "çok teşekkür ederim", "TEŞEKKÜRLER!", "sağ ol", "Děkuji", "díky moc!", "diky", "Спасибо", "спасибо большое!", "Спасибо, помогло!",
		"Дякую", "дуже дякую!", "Ευχαριστώ", "ευχαριστω πολυ!", "ΕΥΧΑΡΙΣΤΩ", "ありがとう", "ありがとうございます！", "ありがとうございました。解決しました", "どうもありがとう〜", "助かりました！",
		"本当にありがとうございます🙏", "감사합니다", "감사합니다!", "정말 감사합니다 ^^", "고마워요", "谢谢", "谢谢！", "非常感谢", "好的，谢谢", "多谢，解决了", "謝謝你", "多謝！", "धन्यवाद", "बहुत बहुत धन्यवाद",
		"शुक्रिया", "شكرا", "شكراً جزيلاً", "شكرا لك!", "תודה", "תודה רבה!", "Mulțumesc", "köszönöm szépen", "terima kasih", "cảm ơn bạn", "ขอบคุณครับ", "hvala lijepa",
	} {
		if !isThanks(text) {
			t.Errorf("%q is thanks", text)
		}
	}
}

// Ensure that texts that can be a question, an answer to the agent, or a complaint are asked.
func TestIsThanks_Asked(t *testing.T) {
	for _, text := range []string{
		"", " ", ".", "!!!", "…", "ok", "OK!", "okay", "yes", "Yes!", "no", "nope", "yep", "sure", "perfect", "great", "done", "it works", "that worked", "fixed", "please", "k",
		"yes please", "yes please, thanks", "Yes, thank you", "yes thanks!", "no thanks", "No, thank you.", "sure, thanks", "Sure 👍", "please do, thanks", "yes 👍", "ok 👍", "no 🙏", "ja danke",
		"ja bitte, danke", "nein danke", "oui merci", "non merci", "sí, gracias", "no gracias", "tak", "tak, dziękuję", "nie, dzięki", "да, спасибо", "нет, спасибо", "はい、ありがとうございます",
		"いいえ、ありがとう", "네 감사합니다", "是的，谢谢", "不用了，谢谢", "हाँ धन्यवाद", "نعم شكرا", "כן תודה", "Done, thanks", "the Dell, thanks", "thanks, it is the second one",
		"Thanks! And on Linux?", "Thanks, how do I undo that?", "thanks?", "Thanks for what?", "thanks but it still fails", "Thanks, but no", "thanks, and on Linux", "Thanks. It still fails.",
		"thank you, next question: how do I print", "thanks for nothing", "Thanks. Now open a ticket", "thanks, please close the ticket", "Thanks, that did not work", "that worked not",
		"thanks :(", "Thanks :/", "thanks :thinking_face:", "thanks 🤔", "thanks 😢", "thanks :-1:", "👎", "🤔", ":x:", ":question:", "❓", "thanks ❓", "✅", ":white_check_mark:", "🎉", ":smile:",
		"got it?", "got it working, but slowly", "I got it from HR", "I don't get it, thanks", "got it not", "ty for that, what about VPN", "thanks https://example.com/error",
		"thanks <https://example.com|see this>", "thanks <#C024BE7LR>", "thanks <!here>", "thanks 404", "thanks #2", "thanks $HOME", "cheers is a pub", "thank the team for me",
		"How do I say thanks in German", "Danke, aber es geht nicht", "Danke, und unter Linux", "danke?", "Merci, mais ça ne marche pas", "merci ?", "Gracias, pero no funciona", "¿gracias?",
		"Obrigado, mas não funcionou", "grazie, ma non funziona", "Bedankt, maar het werkt niet", "Dzięki, ale nie działa", "Tack, men det funkar inte", "Спасибо, но не работает", "спасибо, а в Linux",
		"Ευχαριστώ, πώς;", "ευχαριστώ;", "ありがとうございます。でも動きません", "ありがとう？", "감사합니다만 안 됩니다", "감사합니다?", "谢谢，但是不行", "谢谢？", "شكرا، لكن لا يعمل", "شكرا؟", "תודה, אבל זה לא עובד",
		"stop", "help", "status", "tank you 3000", "merge thanks branch", "thx1138", "grandma says thanks", "\x00thanks\u3000我的", "感谢信怎么写",
		strings.Repeat("thanks ", 100),
	} {
		if isThanks(text) {
			t.Errorf("%q is more than thanks", text)
		}
	}
}

// FuzzIsThanks checks that a message with a question mark, or with words that nobody says
// with thanks, is asked, and that punctuation changes nothing.
func FuzzIsThanks(f *testing.F) {
	for _, seed := range []string{"thanks", "ok", "谢谢", ":+1::skin-tone-3:", "Thanks, that fixed it!", "👍🏽", "שלום", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, mark := range []string{"?", "？", "؟", "❓"} {
			if isThanks(text + mark) {
				t.Errorf("%q is a question", text+mark)
			}
		}
		if isThanks(text + " printer") {
			t.Errorf("%q is more than thanks", text+" printer")
		}
		if isThanks(text) != isThanks("  "+text+"\n") && len(text) < maxThanks-3 {
			t.Errorf("spaces around %q change what it is", text)
		}
	})
}
