package intake

import (
	"strings"
	"testing"
)

// Ensure that a request for a person is recognised, however people write it.
func TestAsksForPerson(t *testing.T) {
	for _, text := range []string{
		"I want to talk to a human", "I want to talk to a human.", "i want to speak to a person", "Can I speak to a person?",
		"Could I please speak with someone?", "can i talk to somebody",
		"connect me with an agent", "Connect me to a real person, please", "connect me with support", "Please connect me to the support team",
		"human please", "Human, please!", "HUMAN PLEASE!!!",
		"A real person please", "agent please", "real person now", "talk to someone", "Talk to a human", "speak to an agent",
		"I'd like to talk to a person", "I’d like to speak with a human agent",
		"I would like to chat with a real person please", "let me talk to a human", "Let me speak to someone from IT", "transfer me to a human",
		"Transfer me to a live agent now", "put me through to a person",
		"Can you connect me with a human?", "Could you please transfer me to an agent?", "I need a human", "I need to talk to a human",
		"I really need to talk to someone", "get me a human", "Get me a real person!",
		"How can I talk to a human?", "How do I talk to a real person?", "Is it possible to speak to a human?", "hi, can I talk to a human please",
		"Hello! I want to talk to a person :wave:",
		"No, I want to talk to a human", "This doesn't help, I want to talk to a human", "That didn't help. Can I talk to a person?",
		"i wanna talk to a human not a bot", "talk to support", "Nope, I want to talk to an agent",
		"I don't want to talk to a bot", "escalate to a human", "Is there a human I can talk to?", "I want *to talk* to a human", "`talk to a human`",
		"hand me over to a human", "no, can I speak to customer service?",
		"Ich möchte mit einem Menschen sprechen", "Kann ich bitte mit einem Mitarbeiter sprechen?", "Ich will mit jemandem reden",
		"Verbinden Sie mich bitte mit einem Mitarbeiter", "Mensch bitte", "mit einem Menschen sprechen bitte",
		"Je veux parler à un humain", "Puis-je parler à quelqu'un ?", "Je voudrais parler à un conseiller s'il vous plaît", "parler à une personne",
		"Un humain svp",
		"Quiero hablar con una persona", "¿Puedo hablar con un agente?", "hablar con un humano por favor", "Necesito hablar con alguien",
		"Quero falar com um atendente", "Posso falar com uma pessoa?",
		"Vorrei parlare con un operatore", "Posso parlare con una persona?", "Ik wil met een mens praten", "Kan ik met een medewerker spreken?",
		"Chcę porozmawiać z człowiekiem", "Jag vill prata med en människa",
		"Jeg vil gerne tale med et menneske", "Jeg vil snakke med en person", "Haluan puhua ihmisen kanssa", "Bir insanla konuşmak istiyorum",
		"Chci mluvit s člověkem", "Хочу поговорить с человеком", "Соедините с оператором",
		"转人工", "我要人工客服！", "我想和真人说话", "可以转人工吗？", "人と話したいです", "オペレーターにつないでください。", "상담원 연결해 주세요", "사람과 이야기하고 싶어요", "ขอคุยกับเจ้าหน้าที่ครับ",
		"أريد التحدث مع موظف",
	} {
		if !asksForPerson(text) {
			t.Errorf("%q is a request for a person", text)
		}
	}
}

// Ensure that whatever can be a question, or an answer to the agent, is asked.
func TestAsksForPerson_Asked(t *testing.T) {
	for _, text := range []string{
		"", " ", "?", "!!!", "human", "Human?", "person", "agent", "agents", "support", "Support?", "someone", "operator", "representative", "please",
		"hi", "hello", "hi please", "no", "no thanks", "please help",
		"How do I talk to a person in HR about my contract?", "Can I talk to someone about my salary?", "I want to talk to a human about my VPN",
		"Who can I talk to about parental leave?", "Can I speak to my manager about this?",
		"How do I contact support?", "contact support", "What is the phone number of support?", "When is the help desk open?", "Where is the IT team?",
		"Who is my HR person?", "support for Linux please", "I need support", "I need help",
		"Can someone help me?", "Can somebody help me with my laptop?", "I need someone to reset my password", "is anyone there?", "Are you human?",
		"are you a real person?", "are you a bot?", "am I talking to a human?", "Is this a human or a bot?",
		"I don't want to talk to a human", "I do not want to speak to an agent", "no human please!", "do not connect me to a human",
		"please don't transfer me", "Never mind, I don't need a human any more", "I already talked to a human",
		"I talked to a person yesterday", "I want to talk to a human resources manager", "human resources please", "Human Resources",
		"I'd like to talk to human resources", "talk to HR", "I want to talk to HR", "I want to talk to Bob", "connect me to Bob",
		"connect me to the VPN", "Connect me to the printer please", "can you connect me to it", "How do I connect to wifi?", "put me through the process",
		"transfer me to another team", "Transfer my ticket to the network team", "Transfer my phone number to a new phone",
		"get me a new laptop", "I need a person for the interview", "I need a real human face in my avatar", "How many people work here?",
		"What is a human agent?", "What does a live agent do?", "How do I become a support agent?", "Add a support agent to my queue",
		"My VPN is broken. I want to talk to a human.", "I want to talk to a human because the printer is on fire", "can I talk to the printer?",
		"Can I talk to a lawyer?", "I would like to speak to a doctor", "How do I speak to customers in English?",
		"How do I set up Talk to a person in Slack?", "What happens when I click Talk to a person?", "How do I add a person to a channel?",
		"Can I share this with a person outside?", "Is it possible to chat with someone outside the company on Teams?",
		"chat with the marketing team", "escalate", "please escalate", "escalate this", "Please escalate my ticket", "escalate IT-1042", "Open a ticket",
		"talk to me", "Talk to you later", "let me talk", "speak", "can we talk?", "let's talk to someone at Apple",
		"<@U024BE7LH> I want to talk to a human", "I want to talk to <@U024BE7LH>", "<!here> can I talk to a human?",
		"I want to talk to a human or maybe reset my password", "Translate: I want to talk to a human",
		"How do you say \"I want to talk to a human\" in German?",
		"yes, a person", "a person", "the second person", "human error", "agent please install Chrome", "the agent does not start",
		"restart the agent please", "the agent please", "talk to the agent", "Bitte", "Mensch", "Mensch, das geht nicht", "Wie erreiche ich den Support?",
		"Ich möchte mit meinem Chef sprechen", "Kann ich mit einer Person aus der Buchhaltung über meine Rechnung sprechen?",
		"Kann ich mit dem Handy sprechen?", "Je veux parler à mon manager", "Comment parler à une personne du service RH ?", "Quiero hablar con mi jefe",
		"¿Qué es un agente?",
		"Quero falar com meu gerente", "Vorrei parlare con il mio capo", "Ik wil met mijn baas praten", "人工智能是什么？", "人工", "客服电话是多少？", "人", "担当者は誰ですか？",
		"상담원", "사람", strings.Repeat("please ", 40) + "human please",
	} {
		if asksForPerson(text) {
			t.Errorf("%q is no request for a person", text)
		}
	}
}
