package blocks

import "enjobridge/enjo"

// htmlExamples are answers and tickets of systems that write HTML or wiki
// markup.
func htmlExamples() []Example {
	article := AnswerView{Reply: enjo.Reply{Text: exampleArticle, Sources: exampleSources(1)}, Agent: "IT Helpdesk", Question: exampleQuestion}
	mixed := article
	mixed.Reply.Text = exampleMixed
	wiki, html := exampleTicket(), exampleTicket()
	wiki.Description, html.Description = exampleWiki, "<p>The screen stays <b>black</b> after:</p>"+
		"<ol><li>the update</li><li>a <a href=\"https://it.example.com/kb\">restart</a></li></ol>"
	html.Attributes = "<table><tr><td>Component</td><td>display</td></tr><tr><td>Site</td><td>Berlin</td></tr></table>"
	return []Example{
		messageExample("answer-article", "An article of ServiceNow, which is HTML.", Answer(article, Rich)...),
		messageExample("answer-article-mrkdwn", "The same in mrkdwn.", Answer(article, Mrkdwn)...),
		messageExample("ticket-wiki", "A ticket with Jira's wiki markup.", Ticket(TicketView{Ticket: wiki}, Rich)),
		messageExample("ticket-html", "A ticket with HTML.", Ticket(TicketView{Ticket: html}, Rich), Ticket(TicketView{Ticket: html}, Markdown)),
		messageExample("tickets-markup", "The same in a list.", Tickets([]TicketLine{{Ticket: wiki}, {Ticket: html}})),
		messageExample("answer-html-in-markdown", "Markdown with pieces of HTML.", Answer(mixed, Rich)...),
	}
}

const exampleArticle = `<!DOCTYPE html>
<html>
<head><title>KB0010023: Set up the VPN</title><style>td { padding: 4px }</style></head>
<body>
<!-- exported on 2026-11-20 -->
<p>The VPN needs <b>version 5</b> or later, and about 10<sup>6</sup>&nbsp;bytes of disk. See <a href="https://it.example.com/vpn?a=1&amp;b=2">the guide</a>.</p>
<h2>Windows</h2>
<ol>
  <li><p>Open <kbd>Software Center</kbd>.</p><p>It may ask for your password.</p></li>
  <li><p>Install it:</p>
    <ul><li>on Windows 11, <em>AnyConnect</em></li><li>on Windows 10, the <del>old</del> legacy client</li></ul>
  </li>
  <li>Connect to <code>&lt;your site&gt;.vpn.example.com</code>.</li>
</ol>
<pre><code class="language-powershell">Get-VpnConnection
  | Select-Object Name</code></pre>
<table>
  <thead>
    <tr>
      <th>Site</th>
      <th>Gateway</th>
    </tr>
  </thead>
  <tbody>
    <tr>
      <td>Berlin</td>
      <td><a href="https://ber.vpn.example.com">ber</a></td>
    </tr>
    <tr>
      <td>Paris</td>
      <td>par<br>par2</td>
    </tr>
  </tbody>
</table>
<blockquote><p>Do not use it on <strong>guest Wi-Fi</strong>.</p></blockquote>
<details><summary>Still not working?</summary><p>Run <code>ping &lt;gateway&gt;</code> and send us what it prints.</p></details>
<ul><li><input type="checkbox" checked> Installed</li><li><input type="checkbox"> Connected</li></ul>
<script>track()</script>
</body>
</html>`

const exampleMixed = "**Two ways** to reset it:\n\n<table>\n<tr><th>Way</th><th>Takes</th></tr>\n<tr><td>**Self Service**</td><td>1 min</td></tr>\n" +
	"<tr><td>By phone</td><td>1 day</td></tr>\n</table>\n\n<details>\n<summary>By phone</summary>\n\n1. Call us.\n2. Say `reset <name>`.\n\n</details>\n\n" +
	"- Never share the <code> from your phone.\n- H<sub>2</sub>O is water."

const exampleWiki = "h3. What happens\nThe screen stays *black* after the update, see [the log|https://it.example.com/log].\n" +
	"# Start {{displayd}}\n#* with a dock\n# Wait\n{code:bash}\ndisplayctl --status\n{code}\n||Site||Version||\n|Berlin|{color:red}5.1{color}|\n" +
	"!screen.png|thumbnail!"
