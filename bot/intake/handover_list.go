package intake

// courtesies can come before and after a request for a person.
const courtesies = `
hi, hello, hey, hi there, hey there, good morning, good afternoon, hi bot, hey bot, please, pls, plz, ok, okay, sorry, thanks, thank you, but, well
then, so, now, asap, right now, instead, here, today, directly, if possible, just, actually, quickly, urgently, not a bot, not a robot, not the bot
instead of a bot, rather than a bot, this doesn't help, that doesn't help, this didn't help, that didn't help, this isn't helping, this is not helping
this is not helpful, that is not helpful, this isn't helpful, not helpful
hallo, guten tag, bitte, danke, jetzt, sofort, lieber, doch, das hilft nicht, das hilft mir nicht
bonjour, s'il vous plaît, s'il te plaît, svp, stp, merci, maintenant
hola, por favor, gracias, ahora, buenos días, olá, bom dia, obrigado, obrigada, agora
ciao, buongiorno, per favore, per piacere, grazie, adesso, ora, alsjeblieft, alstublieft, graag, nu, hoi
proszę, dzień dobry, teraz, tack, hej, snälla, takk, vær så snill, tak, venligst, nå, kiitos, lütfen, merhaba
пожалуйста, здравствуйте, привет, сейчас
`

// personRequests are the requests in languages with spaces, with an empty line between
// them; see expand.
const personRequests = `
[no, nope]; [i want to, i would like to, i'd like to, i'd love to, i'd rather, i'd prefer to, i prefer to, i wish to, i need to, i have to, i must
i wanna, want to
need to, would like to, can i, could i, may i, can we, could we, let me, how can i, how do i, where can i, is it possible to, is there a way to
am i able to, can you let me, i want you to let me, i really want to, i really need to]; [please, just, really, now]; talk to, talk with, speak to
speak with, chat with, chat to, be connected to, be connected with, be transferred to, get connected to, get through to; [a, an, an actual, some, any];
human, humans, real human, live human, actual human, human being, real human being, person, people, real person, real people, live person, actual person
physical person, human person, human agent, real agent, live agent, live support, human support, real support, human operator, live operator
human representative, live representative, representative, customer service representative, support person, support agent, real human agent

[no, nope]; [i want to, i would like to, i'd like to, i'd rather, i need to, i wanna, want to, need to, can i, could i, may i, can we, let me, is it possible to
i really need to]; [please, just, really]; talk to, talk with, speak to, speak with, chat with, be connected to, be connected with, be transferred to;
someone, somebody, someone real, someone else, a human colleague, an agent, agent, an operator, support, the support, the support team, support team
your support team, customer support, customer service, tech support, technical support, it support, the it team, the it support team, the help desk
the helpdesk, helpdesk, help desk, the service desk, service desk, someone from support, someone from it, someone in support, someone in it
someone from the support team, someone from the it team, someone on the support team, somebody from support, somebody from it, a colleague
a support engineer, an engineer, a technician, a member of the support team

[can you, could you, would you, will you, can somebody, can someone, i want you to, i need you to, i'd like you to]; [please, just]; connect me to
connect me with, transfer me to, put me through to, put me in touch with, put me in contact with, hand me over to, hand me off to, hand over to
forward me to, pass me to, pass me on to, escalate to, escalate this to, escalate me to, switch me to, switch to, transfer to, let me talk to
let me speak to, let me speak with; [a, an, an actual, some, any]; human, real human, live human, actual human, human being, person, real person
live person, actual person, someone, somebody, someone real, agent, human agent, real agent, live agent, live support, human support, operator
human operator, representative, human representative, support, the support team, support team, customer support, customer service, it support, the it team
the help desk, the helpdesk, the service desk, support agent, support person, real human agent

[can i, could i, may i, can you, could you, would you, i]; [please, just, really]; get me, get, have, need, want, give me, find me, call, bring me, i need
i want; a human, a real human, a live human, an actual human, a human being, a real person, a live person, an actual person, a human agent, a live agent
a real agent, a human operator, a human representative, real human, human agent, live agent, human support, live support, a person to talk to
someone to talk to, somebody to talk to, a human to talk to

[a, the]; real person, real human, live person, live human, actual human, actual person, human being, human agent, live agent, real agent, human operator
live operator, human support, live support; please, pls, plz, now, needed

[a, an]; human, person, agent, operator, representative; please, pls, plz

i want human help, i need human help, human help please, i want help from a human, i need help from a human, i want help from a real person
i need help from a real person, can a human help me, could a human help me, can a human help, can a real person help me, can i get help from a human
can i get help from a real person, can i get human help, is there a human here, is there a real person here, is there a human i can talk to
is there a person i can talk to, is there someone i can talk to, is there anyone i can talk to, is there somebody i can talk to, no bot please
no bots please, i don't want to talk to a bot, i do not want to talk to a bot, i don't want to talk to a robot, i don't want to talk to a machine
i don't want a bot, stop the bot i want a human

[ich möchte, ich will, ich würde gerne, ich würde gern, ich möchte gerne, ich möchte gern, ich muss, kann ich, könnte ich, darf ich, können wir]; [bitte
lieber, gerne, gern, mal]; mit; [einem, einer, echten, einem echten, einer echten, einem richtigen]; menschen, mensch, person, mitarbeiter, mitarbeiterin
kollegen, kollegin, support mitarbeiter, jemandem, support, jemandem vom support, jemandem aus der it, dem support, support team, it support
dem it support, dem helpdesk, berater; [bitte, lieber, persönlich]; sprechen, reden, chatten, verbunden werden

[können sie, kannst du, könnten sie, könntest du]; verbinde mich, verbinden sie mich, mich; [bitte]; mit, an; [einem, einer, einem echten, einen, eine];
menschen, mensch, person, mitarbeiter, mitarbeiterin, support, dem support, den support, agenten; [bitte, verbinden, weiterleiten]; bitte, verbinden
weiterleiten, jetzt

verbinde mich mit, verbinden sie mich mit, verbinde mich bitte mit, verbinden sie mich bitte mit; einem menschen, einem mitarbeiter, einer person
einem echten menschen, dem support, einem mitarbeiter vom support

[ein, einen]; mensch, menschen, echter mensch, echten menschen, mitarbeiter; bitte

ich brauche einen menschen, ich brauche einen mitarbeiter, ich will einen menschen, ich will einen echten menschen, ich möchte einen menschen sprechen
ich möchte einen mitarbeiter sprechen, ich will nicht mit einem bot sprechen, ich will nicht mit einem bot reden

[je veux, je voudrais, j'aimerais, je souhaite, je souhaiterais, je dois, j'ai besoin de, puis je, est ce que je peux, je peux, pourrais je, peut on
comment]; parler à, parler avec, discuter avec, échanger avec, être mis en relation avec; [un, une, un vrai, une vraie]; humain, être humain, personne
personne réelle, conseiller, agent, agent humain, quelqu'un, opérateur, technicien, support, le support, collègue

[pouvez vous, peux tu, pourriez vous]; mettez moi en relation avec, me mettre en relation avec, passez moi, me passer, me transférer à, transférez moi à;
[un, une, un vrai, une vraie]; humain, personne, conseiller, agent, quelqu'un, opérateur, le support

un humain, une vraie personne, un vrai humain, un conseiller, un agent; s'il vous plaît, svp, s'il te plaît, stp

[quiero, quisiera, me gustaría, necesito, puedo, podría, deseo, prefiero, cómo puedo, tengo que]; hablar con, chatear con, comunicarme con, contactar con;
[un, una]; persona, persona real, humano, ser humano, humano real, agente, agente humano, operador, representante, alguien, soporte, el soporte
el equipo de soporte, técnico, asesor

[puedes, puede, podrías, podría]; pásame con, páseme con, pasarme con, conéctame con, conécteme con, conectarme con, comunícame con, comuníqueme con
transfiéreme a; [un, una]; persona, persona real, humano, agente, agente humano, operador, representante, alguien, soporte

un humano, una persona, una persona real, un agente humano; por favor

[quero, queria, gostaria de, preciso, preciso de, posso, poderia, desejo, prefiro, como posso]; falar com, conversar com, ser atendido por; [um, uma];
pessoa, pessoa real, pessoa de verdade, humano, ser humano, atendente, atendente humano, agente, alguém, operador, o suporte, suporte, técnico

um humano, uma pessoa, uma pessoa real, um atendente, um atendente humano; por favor

[voglio, vorrei, posso, potrei, ho bisogno di, desidero, preferisco, come posso]; parlare con, chattare con; [un, una, un vero, una vera]; persona
persona reale, persona vera, umano, essere umano, operatore, operatore umano, agente, qualcuno, tecnico, l'assistenza, il supporto, collega

[mi può, può, puoi]; mettermi in contatto con, passarmi, mi passi, passami; [un, una]; operatore, persona, umano, operatore umano, qualcuno

un operatore, un umano, una persona reale, una persona vera; per favore, per piacere

[ik wil, ik wil graag, ik zou graag, kan ik, mag ik, kunnen we]; [graag, alsjeblieft]; met; [een, een echte, een echt]; mens, persoon, medewerker, collega
iemand, iemand van support, iemand van de helpdesk, de helpdesk, support; praten, spreken, chatten

[kun je, kunt u]; verbind me met, verbind mij met, verbindt u mij met; [een, een echte, een echt]; mens, persoon, medewerker, iemand, de helpdesk

een echt mens, een mens, een echte persoon, een medewerker; alsjeblieft, alstublieft, graag

[chcę, chciałbym, chciałabym, czy mogę, mogę, proszę, muszę, wolę]; porozmawiać z, rozmawiać z, pogadać z, połączyć z, połączenie z; [prawdziwym, żywym];
człowiekiem, osobą, konsultantem, pracownikiem, kimś, operatorem

[jag vill, jag vill gärna, jag skulle vilja, kan jag, får jag, jag behöver]; prata med, tala med, chatta med; [en, en riktig]; människa, person
handläggare, medarbetare, kollega, någon, support, supporten

[jeg vil, jeg vil gjerne, jeg vil gerne, jeg ønsker å, kan jeg, får jeg, må jeg, jeg trenger å]; snakke med, tale med, prate med, chatte med; [et, en
et ekte, en ekte, et rigtigt, en rigtig]; menneske, person, medarbejder, kollega, noen, nogen, support, supporten

[haluan, haluaisin, voinko, saanko]; puhua; ihmisen kanssa, ihmiselle, oikean ihmisen kanssa, asiakaspalvelijan kanssa, jonkun kanssa

[bir]; insanla, insan ile, gerçek kişiyle, kişiyle, gerçek bir insanla, temsilciyle, müşteri temsilcisiyle, yetkiliyle, operatörle, biriyle;
konuşmak istiyorum, görüşmek istiyorum, konuşabilir miyim, görüşebilir miyim

[chci, chtěl bych, chtěla bych, mohu, můžu, rád bych]; mluvit s, hovořit s, promluvit s, promluvit si s; [živým, skutečným]; člověkem, operátorem, někým

[я, можно]; [хочу, хотел бы, хотела бы, могу, можно, мне нужно]; поговорить с, говорить с, связаться с, пообщаться с; [живым, реальным]; человеком
оператором, сотрудником, специалистом, кем нибудь

соедините меня с, соедините с, соедини с, соедини меня с, переключите на, переключите меня на, позовите; [живым, живого]; человеком, оператором, оператора
человека, сотрудником, сотрудника, специалиста

[я]; [хочу, хотів би, хотіла б, можна, чи можу я]; поговорити з, говорити з, поспілкуватися з; [живою, живим]; людиною, оператором

상담원, 상담사, 사람; 연결, 연결해 주세요, 연결해주세요, 연결 부탁드립니다, 연결 부탁드려요, 연결 부탁해요

상담원과, 상담사와, 사람과, 사람이랑, 담당자와; 이야기하고 싶어요, 이야기하고 싶습니다, 얘기하고 싶어요, 대화하고 싶어요, 통화하고 싶어요, 말하고 싶어요

[saya mau, saya ingin, bisa saya, bisakah saya]; bicara dengan, berbicara dengan, ngobrol dengan; [seorang]; manusia, orang, agen, agen manusia, petugas
customer service

[tôi muốn, cho tôi, tôi cần]; nói chuyện với, gặp; [một]; người thật, nhân viên, tư vấn viên, người

[أريد, اريد, أود, ممكن, أبغى]; التحدث مع, التحدث إلى, أتحدث مع, اتكلم مع, التكلم مع; [أي]; شخص, شخص حقيقي, إنسان, موظف, موظف الدعم, خدمة العملاء

[אני רוצה, אפשר, אני צריך, אני צריכה]; לדבר עם; [בן]; אדם, אנושי, נציג, נציגה, בן אדם, נציג אנושי, מישהו
`

// unspacedRequests are the requests in languages without spaces.
const unspacedRequests = `
转人工, 转人工客服, 转接人工, 转接人工客服, 请转人工, 请转人工客服, 请帮我转人工, 帮我转人工, 我要转人工, 人工客服, 我要人工, 我要人工客服, 我需要人工客服, 找人工客服
接人工客服, 请接人工客服, 我想和真人说话, 我要和真人说话, 我想跟真人说话, 我想和真人聊, 我想和人工客服说话, 我想找真人, 我要找真人, 我想和人说话, 可以转人工吗, 能转人工吗
可以转接人工客服吗, 我可以和真人说话吗, 可以和真人聊吗, 轉人工, 轉真人, 轉接真人, 轉接真人客服, 轉接客服, 真人客服, 我要真人客服, 我想和真人說話, 我想跟真人說話
可以轉真人嗎, 我要找真人, 人と話したい, 人と話したいです, 人間と話したい, 人間と話したいです, 担当者と話したい, 担当者と話したいです, 担当者に繋いでください
担当者につないでください, 担当者をお願いします, 担当者に代わってください, オペレーターと話したい, オペレーターと話したいです, オペレーターに繋いでください
オペレーターにつないでください, オペレーターをお願いします, 有人対応をお願いします, 人に繋いでください, 人につないでください, 誰かと話したい, 誰かと話したいです, 人と話せますか
担当者と話せますか, ขอคุยกับคน, ขอคุยกับเจ้าหน้าที่, อยากคุยกับเจ้าหน้าที่, อยากคุยกับคน, ติดต่อเจ้าหน้าที่
ขอคุยกับเจ้าหน้าที่ครับ, ขอคุยกับเจ้าหน้าที่ค่ะ
`
