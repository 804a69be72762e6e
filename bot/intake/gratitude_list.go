package intake

import "strings"

// gratitude are the phrases of thanks, and those that go with them.
var gratitude = newPhrases(thankPhrases, companyPhrases)

// thankPhrases are thanks by themselves, a line for each language. The Danish "tak" is not
// among them, because it is a Polish yes.
const thankPhrases = `
thank, thanks, thank you, thankyou, thank u, thx, thnx, thanx, tnx, tks, ty, tyty, tysm, tyvm, tq, cheers, ta, kudos, many thanks
much obliged, got it, gotcha
much appreciated, appreciate it, appreciated, i appreciate it, i appreciate that, i appreciate your help, appreciate the help
appreciate your help
danke, dankeschön, dankeschoen, danke schön, danke schoen, danke dir, danke euch, danke ihnen, dank dir, vielen dank, vielen lieben dank, besten dank
herzlichen dank, tausend dank, lieben dank, ich danke dir, merci vielmals, dankö, thx dir
merci, merci beaucoup, merci bien, mille mercis, un grand merci, grand merci, je te remercie, je vous remercie, mrc, mci
gracias, muchas gracias, mil gracias, muchísimas gracias, te lo agradezco, se lo agradezco, te agradezco, gràcies, moltes gràcies
obrigado, obrigada, muito obrigado, muito obrigada, obg, obgd, brigado, brigada, valeu, vlw, agradeço
grazie, grazie mille, mille grazie, molte grazie, tante grazie, ti ringrazio, la ringrazio, grz
dank je, dank u, dankjewel, dank je wel, dank u wel, dankuwel, bedankt, hartelijk dank, hartstikke bedankt, heel erg bedankt, dankje
dziękuję, dziękuje, dzięki, dzieki, dzięki wielkie, wielkie dzięki, dziękuję bardzo, bardzo dziękuję, serdecznie dziękuję, dziękujemy
dzięx, dzx
tack, tack så mycket, tackar, stort tack, tusen tack, många tack, tack tack
mange tak, tusind tak, tak for det, tak for hjælpen, takk, tusen takk, mange takk, takker, hjertelig takk
kiitos, kiitti, kiitos paljon, paljon kiitoksia, kiitoksia, suuret kiitokset, kiits, tack ska du ha
teşekkürler, teşekkür ederim, teşekkür ederiz, çok teşekkürler, çok teşekkür ederim, sağ ol, sağol, sağ olun, sağolun, eyvallah, tşk
tşkler, mersi
děkuji, děkuju, díky, dík, dikes, moc děkuji, děkuji moc, díky moc, moc díky, mockrát děkuji, ďakujem, vďaka, ďakujem pekne
спасибо, спасибо большое, большое спасибо, благодарю, спс, пасиб, пасибо, спасибки, огромное спасибо, дякую, дуже дякую, щиро дякую
спасибі, благодаря, хвала, хвала пуно
ευχαριστώ, σας ευχαριστώ, σ'ευχαριστώ, ευχαριστώ πολύ, ευχαριστώ πάρα πολύ, ευχαριστούμε, φχαριστώ, euxaristo, efharisto
ありがとう, ありがとうございます, ありがとうございました, どうもありがとう, どうもありがとうございます, どうも, 有難う, 有難うございます, 有り難うございます, 感謝, 感謝します, 感謝です, サンキュー, あざす, あざっす, あざます, 助かりました
助かります, 助かった, 了解です, 了解しました, 了解, 承知しました, かしこまりました, わかりました, 分かりました, arigato, arigatou
감사합니다, 감사해요, 감사, 감사드립니다, 고마워, 고마워요, 고맙습니다, 땡큐, 감사요, 대단히 감사합니다, 정말 감사합니다, 너무 감사합니다, ㄱㅅ, gomawo
谢谢, 谢谢你, 谢谢您, 多谢, 感谢, 非常感谢, 十分感谢, 谢了, 谢啦, 谢谢啦, 太感谢了, 辛苦了, 收到, 明白了, 謝謝, 謝謝你, 謝謝您, 多謝, 感謝你, 非常感謝, 十分感謝, 謝了, 謝啦, 太感謝了, 唔該, 唔該晒, 多謝晒, xiexie
xie xie
धन्यवाद, बहुत धन्यवाद, बहुत बहुत धन्यवाद, शुक्रिया, बहुत शुक्रिया, बहुत बहुत शुक्रिया, आभार, dhanyavaad, dhanyavad, dhanyawad, shukriya
bahut shukriya
شكرا, شكرا لك, شكرا لكم, شكرا جزيلا, شكرا كثيرا, الف شكر, مشكور, مشكورين, ممنون, جزاك الله خيرا, يعطيك العافية, تسلم, متشكرم, مرسی, سپاس
shukran
תודה, תודה רבה, המון תודה, תודה לך, תודה לכם, רב תודות, toda, toda raba
mulțumesc, mulţumesc, multumesc, mersi, köszönöm, köszi, köszönöm szépen, nagyon köszönöm, köszönjük, hvala, hvala lijepa, hvala puno
hvala lepa, hvala vam, faleminderit
terima kasih, terimakasih, makasih, trims, tengkyu, matur nuwun, salamat, maraming salamat, salamat po, cảm ơn, cám ơn, cảm ơn bạn
cảm ơn nhiều, xin cảm ơn, asante, asante sana, dankie, baie dankie, ขอบคุณ, ขอบคุณครับ, ขอบคุณค่ะ, ขอบคุณมาก, ขอบคุณมากครับ
ขอบคุณมากค่ะ
aitäh, tänan, suur aitäh, ačiū, labai ačiū, paldies, liels paldies, takk fyrir, takk kærlega, go raibh maith agat, diolch, eskerrik asko
mahalo, gratias
`

// companyPhrases go with thanks, and are none. No yes, no or please is among them, in any
// language: these can answer a question of the agent.
const companyPhrases = `
so much, very much, a lot, lots, a bunch, a ton, a million, loads, tons, millions, again, indeed, really, truly, very, so, too, both
to you, you, u, to all, everyone, everybody, all, guys, folks, team, friend, friends, mate, buddy, bud, man, dude, bot, my friend, sir
for your help, for the help, for your quick help, for the quick help, for helping, for helping me, for helping out, for your assistance
for the assistance, for your support, for the support
for the info, for the information, for the answer, for your answer, for the quick answer, for the reply, for your reply
for the quick reply, for your quick reply, for the response, for the quick response, for your response
for that, for this, for it, for everything, for all, for all your help, for all the help, for explaining, for the explanation
for clarifying, for the clarification, for the link, for the links, for the details, for the tip, for the tips, for the update
for looking into it
for the heads up, for checking, for your time, for your patience, for letting me know, for sharing, for the advice
for pointing that out, in advance, anyway, anyways, though, either way, and, oh, ah, aha, ahh, ooh, wow, yay, woohoo, hooray, phew, hey
hi, haha, lol, hehe
ok, okay, okey, kk, alright, all right, great, perfect, awesome, cool, nice, amazing, excellent, brilliant, wonderful, fantastic, super
superb, lovely, sweet, neat, good, very good, very nice, beautiful, splendid, good stuff, nice one, good job, great job, well done
good bot, great work, good work, nice work
that works, that worked, that works now, it works, it works now, it worked, works, works now, worked, works great, works perfectly
works like a charm, it works great, it works perfectly, it works again, works again, that works great, that worked perfectly
that worked great, working now, its working, its working now, it is working now, all working, all working now, all works now
everything works, everything works now, worked like a charm, worked perfectly
that fixed it, that fixed that, this fixed it, it fixed it, fixed it, fixed, its fixed, that did it, that did the trick, did the trick
this worked, this works, that solved it, that solved my problem, that solves it, this solved it, solved, problem solved, issue solved
its solved, resolved, its resolved, sorted, all sorted, all set, im all set, im good, im good now, all good, all good now, its all good
im in, im back in, i could fix it, i fixed it
that helps, that helps a lot, that helped, that helped a lot, this helps, this helped, it helps, it helped, it helped a lot, helps a lot
helped a lot, helpful, very helpful, super helpful, really helpful, so helpful, thats helpful, thats very helpful, that is helpful
that was helpful, that was very helpful, most helpful, extremely helpful
thats great, that is great, thats perfect, that is perfect, thats awesome, thats it, that is it, that was it, thats all, that is all
that was all, thats all i needed, thats what i needed, that is what i needed, thats exactly what i needed, just what i needed
exactly what i needed, thats what i was looking for, exactly what i was looking for, this is great, this is perfect, this is awesome
it was that, that was easy, that was quick, that was fast, quick, fast, so fast, so quick, makes sense, that makes sense, understood
i understand, i see, noted, clear, all clear, crystal clear
you rock, youre the best, you are the best, you are great, youre great, youre awesome, you are awesome, youre a star, youre a lifesaver
you are a lifesaver, lifesaver, life saver, legend, you legend, hero, my hero, saved my day, you saved my day, you made my day, love it
i love it, love this, love you, i love you
will do, ill do that, ill try that, ill try it, i will try that, i will try it, ill give it a try, i will give it a try
ill give that a try, ill have a look, i will have a look, ill check, ill check it out, ill check that, will try, will try that
will check, no worries, no problem, no rush
bye, goodbye, bye bye, have a nice day, have a good day, have a great day, have a nice weekend, have a great weekend, have a good one
good night, good evening, good morning, see you, take care, regards, best regards, kind regards, best, sincerely, xoxo, xx
sehr, nochmals, nochmal, dir, euch, ihnen, für die hilfe, für deine hilfe, für ihre hilfe, für die info, für die antwort
für die schnelle hilfe, für die schnelle antwort, für alles, super, toll, klasse, prima, perfekt, alles klar, alles gut, hat geklappt
das hat geklappt, hat funktioniert, das hat funktioniert, funktioniert, funktioniert jetzt, jetzt funktioniert es, es funktioniert
es funktioniert jetzt, jetzt geht es, jetzt gehts, geht wieder, es geht wieder, klappt, klappt jetzt, das wars, hat geholfen
das hat geholfen, das hilft, verstanden, passt, schönen tag, schönen tag noch, und
pour votre aide, pour ton aide, pour tout, pour la réponse, pour l'aide, pour l'info, à toi, à vous, à tous, super, parfait, génial
c'est bon, ça marche, ça fonctionne, ça a marché, ça a fonctionné, c'est parfait, d'accord, très bien, encore, infiniment, beaucoup
bonne journée, et
por tu ayuda, por su ayuda, por la ayuda, por todo, por la información, por la respuesta, perfecto, genial, excelente, listo, funciona
ya funciona, funcionó, ya funcionó, eso funcionó, muy amable, de nuevo, a todos, vale, entendido, y, buen día, un saludo, saludos
pela ajuda, por tudo, pela resposta, pela informação, perfeito, ótimo, show, funcionou, deu certo, agora funcionou, funciona, muito
demais, mesmo, beleza, entendi, de novo, bom dia, boa tarde, boa noite, abraço, e
per l'aiuto, per il tuo aiuto, per tutto, per la risposta, perfetto, ottimo, fantastico, funziona, ora funziona, ha funzionato, di nuovo
ancora, a te, capito, va bene, buona giornata, di tutto, di cuore
voor je hulp, voor de hulp, voor uw hulp, voor alles, voor de info, voor het antwoord, perfect, top, geweldig, mooi, prima
helemaal goed, het werkt, werkt, het werkt nu, werkt nu, het werkt weer, gelukt, het is gelukt, opgelost, duidelijk, en, nogmaals
alvast, hoor
za pomoc, za wszystko, za odpowiedź, za info, bardzo, wielkie, świetnie, super, działa, już działa, zadziałało, rozumiem, jeszcze raz
pozdrawiam, miłego dnia, i
för hjälpen, för allt, för svaret, för din hjälp, så mycket, perfekt, toppen, bra, det funkar, funkar, det fungerar, fungerar
det funkade, nu funkar det, nu fungerar det, igen, och
for hjelpen, for hjælpen, for svaret, for alt, for din hjelp, så mye, så meget, skal du ha, perfekt, fint, supert, flott, det virker
det virkede, det virker nu, det fungerer, det fungerte, nå virker det, igen, og
avusta, paljon, tosi paljon, vielä, hienoa, loistavaa, mahtavaa, toimii, toimii nyt, se toimii, nyt toimii, selvä, hyvä
çok, yardımın için, yardımınız için, yardımlarınız için, her şey için, tekrar, süper, harika, mükemmel, çalıştı, oldu, şimdi oldu, tamam
anladım, iyi günler, ve
za pomoc, za odpověď, za všechno, za info, moc, ještě jednou, super, skvělé, výborně, funguje, už funguje, už to funguje, funguje to
rozumím, a
вам, тебе, за помощь, за ответ, за все, за информацию, за допомогу, большое, огромное, еще раз, очень, супер, отлично, здорово, класс
круто, понял, поняла, понятно, работает, заработало, теперь работает, все работает, все заработало, помогло, это помогло, получилось
все получилось, хорошего дня, і, и, чудово, дуже, працює, все працює
πολύ, πάρα πολύ, για τη βοήθεια, για όλα, τέλεια, ωραία, δουλεύει, λειτουργεί, ξανά, και
ございます, ございました, です, 本当に, ほんとうに, 大変, とても, いつも, お疲れ様です, お疲れさまです, 解決しました, 解決です, できました, 出来ました, 直りました, 動きました, うまくいきました, 完璧です, 素晴らしいです, なるほど
おかげさまで, お陰様で, 早速, 早速の, 対応, ご対応, ご回答, 回答, 返信, ご返信, 教えていただき, 教えてくれて, 助けてくれて, ご協力, を, の, に
정말, 너무, 대단히, 많이, 완벽해요, 좋아요, 해결됐어요, 해결됐습니다, 해결되었습니다, 됐어요, 됐습니다, 잘 됩니다, 잘 돼요, 이해했습니다, 알겠습니다, 도와주셔서, 도움 주셔서, 답변, 빠른 답변
你, 您, 了, 啦, 大家, 你的帮助, 您的帮助, 你的幫助, 您的幫助, 帮助, 幫助, 太好了, 很好, 好的, 好, 解决了, 解決了, 已解决, 已解決, 问题解决了, 問題解決了, 可以了, 搞定了, 搞定, 成功了, 懂了, 知道了, 完美, 太棒了
厉害, 厲害, 非常, 真的, 晒, 哈哈, 祝好
बहुत, आपका, आपकी मदद के लिए, मदद के लिए, ठीक है, समझ गया, समझ गई, हो गया, काम कर गया
جزيلا, كثيرا, لك, لكم, على المساعدة, على مساعدتك, على الرد, جدا, ممتاز, رائع, تمام, يعمل الان, تم الحل, يا, و
רבה, מאוד, על העזרה, על הכל, על התשובה, מעולה, מצוין, אחלה, סבבה, עובד, זה עובד, הסתדר, זה עזר, הבנתי, לך, לכולם
`

// thankfulEmoji are the names of emoji that are thanks by themselves, and friendlyEmoji
// those that go with thanks.
var (
	thankfulEmoji = names(`pray +1 thumbsup thumbsup_all heart hearts heart_eyes two_hearts sparkling_heart heartbeat heartpulse revolving_hearts gift_heart
		orange_heart yellow_heart green_heart blue_heart purple_heart brown_heart white_heart black_heart pink_heart light_blue_heart grey_heart heart_hands
		raised_hands clap bow man-bowing woman-bowing person_bowing bowing_man bowing_woman ok_hand hugging_face hugs hug handshake saluting_face
		thankyou thank_you thank-you thanks thx ty merci danke gracias tack`)
	friendlyEmoji = names(`smile smiley grin grinning blush slightly_smiling_face simple_smile wink relaxed relieved sunglasses innocent joy laughing satisfied
		sweat_smile rolling_on_the_floor_laughing smiling_face_with_3_hearts smiling_face_with_three_hearts kissing_heart star-struck star_struck
		partying_face tada confetti_ball sparkles star star2 fire rocket 100 white_check_mark heavy_check_mark ballot_box_with_check ok v wave muscle
		the_horns metal call_me_hand party_parrot partyparrot parrot party-blob partyblob trophy sunny rainbow beers beer coffee cake cookie doughnut bouquet
		rose sunflower cherry_blossom medal sports_medal first_place_medal male_sign female_sign champagne clinking_glasses robot_face robot`)
)

// thankfulSigns and friendlySigns are the same as characters, and emojiModifiers change
// the colour and the kind of others.
const (
	thankfulSigns  = "🙏👍❤♥🧡💛💚💙💜🤎🖤🤍💕💖💗💓💞💝🩷🩵🩶🙌👏🙇👌🤗🤝🫶🫡😍"
	friendlySigns  = "🙂😊😀😃😄😁😅😆😂🤣😉😎☺😇🥰😘😌🤩🥳🎉🎊✨⭐🌟🔥🚀💯✅✔☑💪✌👋😋🤘🤙🏆☀🌈🍻🍺☕🎂🍪🍩💐🌹🌻🌸🏅🥇🥂🍾🤖"
	emojiModifiers = "\u200d\ufe0e\ufe0f🏻🏼🏽🏾🏿♀♂"
)

func names(list string) map[string]bool {
	all := make(map[string]bool)
	for _, name := range strings.Fields(list) {
		all[name] = true
	}
	return all
}
