package main

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/internal/settings"
	slacksandbox "enjobridge/sandbox/slack"
)

// example says how a documented command is tested.
type example struct {
	says    string // a part of its output
	prints  bool   // its output is that of the page, except for IDs, times and numbers
	names   bool   // the page only names the command: its help is printed
	not     string // why it is not run here
	stopped bool   // it needs a store that no process uses
	copies  bool   // it copies the store to a database, or back
	posts   string // a part of what it has the bot post in Slack
	writes  string // a backup that it writes into the working directory
}

// examples has each documented command of enjobridge and curl, and those that only look
// like one.
var examples = map[string]example{
	"enjobridge -h":                                       {says: "SETTINGS (environment variables):"},
	"enjobridge explain -h":                               {says: "LINK is what Copy link"},
	"enjobridge backup":                                   {names: true},
	"enjobridge explain":                                  {names: true},
	"enjobridge migrate":                                  {names: true},
	"enjobridge":                                          {not: "is the name of the schema in a database"},
	"enjobridge forget":                                   {names: true},
	"enjobridge version":                                  {says: "enjobridge "},
	"enjobridge setup":                                    {says: "enjobridge -env-file enjobridge.env"},
	"enjobridge doctor":                                   {says: "No problems."},
	"enjobridge report":                                   {says: "\nAsked "},
	"enjobridge check-store":                              {stopped: true, says: "no problems"},
	"enjobridge check-store -compact":                     {stopped: true, says: "no problems"},
	"enjobridge forget U0123ABCD":                         {says: "deleted about U0123ABCD: "},
	"enjobridge -env-file FILE backup …":                  {says: "copy.db: ", writes: "copy.db"},
	`enjobridge ask "How do I reset my VPN password?"`:    {says: "https://help.example.com/it/vpn-password"},
	"SLACK_BOT_TOKEN=xoxb-… enjobridge preview -validate": {says: "Slack accepts all "},

	`./enjobridge ask "…"`:                                    {says: "https://help.example.com/it/vpn-password"},
	"./enjobridge -env-file enjobridge.env doctor":            {says: "No problems."},
	"./enjobridge -env-file enjobridge.env preview -validate": {says: "Slack accepts all "},
	"./enjobridge setup":                                      {not: "TestReadmeSetup runs it"},
	"./enjobridge -env-file enjobridge.env":                   {not: "TestReadmeSetup runs it"},
	"./enjobridge":                                            {not: "TestDoctorOfARunningBot runs it"},
	"enjobridge -env-file FILE":                               {not: "TestReload runs it"},

	"sudo env STORAGE=/var/lib/enjobridge/enjobridge.db enjobridge report -since 7d":                                                    {says: "\nAsked "},
	"sudo env STORAGE=/var/lib/enjobridge/enjobridge.db enjobridge backup enjobridge-backup.db":                                         {says: "enjobridge-backup.db: ", writes: "enjobridge-backup.db"},
	"sudo env STORAGE=/var/lib/enjobridge/enjobridge.db enjobridge forget U0123ABCD":                                                    {prints: true},
	"sudo env STORAGE=/var/lib/enjobridge/enjobridge.db enjobridge explain https://acme.slack.com/archives/C0123ABCD/p1772452800000100": {prints: true},
	`30 2 * * *  root  /usr/local/bin/enjobridge backup -force "/var/backups/enjobridge/$(date +\%u).db" >/dev/null`:                    {writes: "[1-7].db"},
	"sudo env STORAGE=/var/lib/enjobridge/enjobridge.db enjobridge -env-file /etc/enjobridge.env doctor":                                {says: "No problems."},
	"sudo env STORAGE_FILE=/etc/enjobridge.storage enjobridge migrate -from /var/lib/enjobridge/enjobridge.db -dry-run":                 {copies: true, says: "nothing was written: "},
	"sudo env STORAGE_FILE=/etc/enjobridge.storage enjobridge migrate -from /var/lib/enjobridge/enjobridge.db":                          {copies: true, says: "copied and verified "},
	"sudo env STORAGE_FILE=/etc/enjobridge.storage enjobridge migrate -to /var/lib/enjobridge/enjobridge.db":                            {copies: true, says: "copied and verified ", writes: "enjobridge.db"},
	"docker compose exec enjobridge /enjobridge doctor":                                                                                 {says: "No problems."},
	"kubectl -n enjobridge exec enjobridge-0 -- /enjobridge doctor":                                                                     {says: "No problems."},
	"docker compose exec enjobridge /enjobridge backup -force /data/backup.db":                                                          {says: "backup.db: ", writes: "backup.db"},

	"curl -fsS http://127.0.0.1:9090/readyz": {says: `"ready": true`},
	`printf 'Authorization: Bearer %s' "$ADMIN_TOKEN" | curl -fsS -H @- -o enjobridge-backup.db http://127.0.0.1:9090/backup`: {writes: "enjobridge-backup.db"},
	ticketUpdate: {says: "OK", posts: "Open to In Progress"},

	"kubectl -n enjobridge port-forward enjobridge-0 9090": {not: "needs a cluster"},
	"systemctl enable --now enjobridge":                    {not: "needs systemd as the first process"},
	"systemctl reload enjobridge":                          {not: "needs systemd as the first process"},
	"systemctl stop enjobridge":                            {not: "needs systemd as the first process"},
	"go version enjobridge":                                {not: "is a command of Go's"},
}

// ticketUpdate is the documented request of a ticketing system.
const ticketUpdate = `printf 'Authorization: Bearer %s' "$TICKET_WEBHOOK_SECRET" | curl -fsS -H @- -H 'Content-Type: application/json' ` +
	`-d '{"status": "In Progress", "priority": "High", "type": "Incident", "lastModified": "2026-11-22T10:00:00Z"}' http://127.0.0.1:9090/tickets/IT-1042`

// practiceChannel is the only channel that the practised bot serves.
const practiceChannel = "C0SUPPORT"

// practised is a running bot on which the documented commands are tried. It has answered two
// people, created a ticket, and refused a message.
type practised struct {
	*operated
	whole   *testing.T // the test of all commands
	env     []string   // the settings
	stopped string     // a copy of the store that no process uses
	address string     // a file with the address of a database; empty until it is needed
	local   *strings.Replacer
}

// practise starts the bot. The channel, the person and the ticket have the IDs of the pages.
func practise(t *testing.T) *practised {
	t.Helper()
	const adminToken, secret, refused = "a-token-for-operators", "a-secret-of-a-ticketing-system", "C0123ABCD"
	p := &practised{whole: t, operated: operate(t, func(c *settings.Config) {
		c.AdminToken, c.Bot.TicketWebhookSecret, c.Bot.AllowedChannels = adminToken, secret, []string{practiceChannel}
	})}
	alice, ada := p.slack.AddUser(slacksandbox.User{Name: "alice"}), p.slack.AddUser(slacksandbox.User{Name: "ada", ID: "U0123ABCD"})
	post := func(channel, user, text string) (ts string) {
		ts, err := p.slack.Post(channel, user, slacksandbox.Mention(p.slack.BotUserID())+" "+text)
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	for _, id := range []string{practiceChannel, refused} {
		p.slack.AddChannel(slacksandbox.Channel{ID: id, Members: []string{alice, ada, p.slack.BotUserID()}})
	}
	post(practiceChannel, ada, "How do I print?")
	post(practiceChannel, alice, "Open a ticket: my laptop is broken")
	ts := post(refused, alice, "How do I print?")
	p.log.await(t, refused+"/"+ts, 2) // it arrives as two events
	p.log.await(t, "question ended", 2)

	p.env = []string{
		"SLACK_API_URL=" + p.slack.APIURL(), "SLACK_APP_TOKEN=" + p.slack.AppToken(), "SLACK_BOT_TOKEN=" + p.slack.BotToken(),
		"ENJO_API_URL=" + p.enjo.URL(), "ENJO_TOKEN=" + p.enjo.Token(), "ENJO_BOT_ID=" + p.enjo.BotID(), "ALLOWED_CHANNELS=" + practiceChannel,
		"HTTP_ADDR=" + strings.TrimPrefix(p.url, "http://"), "ADMIN_TOKEN=" + adminToken, "TICKET_WEBHOOK_SECRET=" + secret,
	}
	p.stopped = filepath.Join(t.TempDir(), "stopped.db")
	cmd, output := command(t.Context(), t, []string{"STORAGE=" + p.store}, "backup", p.stopped)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	p.local = strings.NewReplacer(
		"sudo env", "env", "docker compose exec enjobridge /enjobridge", "enjobridge", "kubectl -n enjobridge exec enjobridge-0 -- /enjobridge", "enjobridge",
		"/etc/enjobridge.env", "enjobridge.env", "/usr/local/bin/enjobridge", "enjobridge", "./enjobridge", "enjobridge",
		"/var/lib/enjobridge/enjobridge.db", p.store, "/var/backups/enjobridge/", "", "/data/", "", "http://127.0.0.1:9090", p.url,
		"1772452800000100", strings.ReplaceAll(ts, ".", ""), "2026-11-22T10:00:00Z", time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
		"xoxb-…", p.slack.BotToken(), "-env-file FILE", "-env-file enjobridge.env", "backup …", "backup copy.db", `"…"`, `"How do I reset my VPN password?"`,
	)
	return p
}

// schedule is what stands before a command in a file for cron.
var schedule = regexp.MustCompile(`^[0-9*]+( +[0-9*]+){4} +root +`)

// run runs a command in a new directory, and returns its output.
func (p *practised) run(t *testing.T, c documented, e example) (dir, output string) {
	t.Helper()
	script := strings.Join(append(c.before, c.command), "\n")
	if e.copies {
		script = p.withDatabase(t, script)
	}
	script = p.local.Replace(script)
	if when := schedule.FindString(c.command); when != "" { // cron makes % of \%
		script = strings.ReplaceAll(strings.Replace(script, when, "", 1), `\%`, "%")
	}
	if e.names {
		script += " -h"
	}
	env := slices.Clone(p.env)
	if e.stopped {
		env = append(env, "STORAGE="+p.stopped)
	} else if !e.copies && !strings.Contains(script, "STORAGE=") {
		env = append(env, "STORAGE="+p.store)
	}
	dir = t.TempDir()
	if strings.Contains(script, "-env-file enjobridge.env") {
		if err := os.WriteFile(filepath.Join(dir, "enjobridge.env"), []byte(strings.Join(env, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		env = nil
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-aec", script) // -a exports variables
	cmd.Dir, cmd.Env = dir, append(env, "PATH="+os.Getenv("PATH"), "HOME="+dir, endsAtOnce)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return dir, string(out)
}

// withDatabase puts the store that no process uses, and a database, into a command that copies
// the one to the other, or back.
func (p *practised) withDatabase(t *testing.T, command string) string {
	t.Helper()
	pgtest.Require(t)
	if p.address == "" {
		p.address = p.stopped + ".address"
		if err := os.WriteFile(p.address, []byte(pgtest.Database(p.whole)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const file = "/var/lib/enjobridge/enjobridge.db"
	return strings.NewReplacer("-from "+file, "-from "+p.stopped, "-to "+file, "-to enjobridge.db", "/etc/enjobridge.storage", p.address).Replace(command)
}

// check runs a command, and compares what it prints and writes.
func (p *practised) check(t *testing.T, c documented, e example) {
	dir, output := p.run(t, c, e)
	if !strings.Contains(output, e.says) {
		t.Errorf("it does not print %q:\n%s", e.says, output)
	}
	if e.prints && anyRun(output) != anyRun(c.output) {
		t.Errorf("it prints:\n%s\nthe page says:\n%s", output, c.output)
	}
	if e.posts != "" {
		p.awaitPost(t, e.posts)
	}
	if e.writes != "" {
		checkBackup(t, filepath.Join(dir, e.writes))
	}
}

// awaitPost waits for a message of the bot with a text.
func (p *practised) awaitPost(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := p.slack.Await(ctx, func(v slacksandbox.View) bool {
		return slices.ContainsFunc(v.Messages(practiceChannel), func(m slacksandbox.Message) bool { return strings.Contains(m.Text, text) })
	}); err != nil {
		t.Errorf("the bot has not posted %q: %v\n%v", text, err, p.slack.Messages(practiceChannel))
	}
}

// checkBackup checks the only file whose path matches a pattern.
func checkBackup(t *testing.T, pattern string) {
	t.Helper()
	backups, err := filepath.Glob(pattern)
	if err != nil || len(backups) != 1 {
		t.Fatalf("it writes %q, %v", backups, err)
	}
	if info, err := os.Stat(backups[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup has the mode %v, %v", info.Mode(), err)
	}
	if cmd, output := command(t.Context(), t, nil, "check-store", backups[0]); cmd.Run() != nil {
		t.Errorf("the backup: %s", output)
	}
}

var differs = regexp.MustCompile(`T[0-9A-Z]{8,}|EB-[0-9A-Z]{6}|[0-9]+|(question|thread|ticket|rating|record)s?\b`)

// anyRun replaces what differs between two runs of a command: IDs, times, numbers, the plural
// after them, and which of the two events of a mention comes first.
func anyRun(output string) string {
	if first := strings.Index(output, "as message."); first >= 0 && first < strings.Index(output, "as app_mention.") {
		output = strings.NewReplacer("as message.", "as app_mention.", "as app_mention.", "as message.").Replace(output)
	}
	return differs.ReplaceAllStringFunc(output, func(found string) string {
		if word := strings.TrimSuffix(found, "s"); word[0] >= 'a' {
			return word
		}
		return "X"
	})
}

// Ensure that each command of enjobridge and curl in the documentation works as it stands
// there, apart from addresses, paths, tokens and IDs.
func TestDocumentedCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a Unix shell")
	}
	p := practise(t)
	left := maps.Clone(examples)
	for _, c := range documentedCommands(t) {
		delete(left, c.command)
		t.Run(c.page+"/"+c.command, func(t *testing.T) {
			e, ok := examples[c.command]
			switch {
			case !ok:
				t.Fatalf("the test does not know %q: add it to examples", c.command)
			case e.not != "":
				return
			case strings.Contains(c.command, "curl"):
				needCurl(t)
			}
			p.check(t, c, e)
		})
	}
	for command := range left {
		t.Errorf("no page has %q", command)
	}
}

// needCurl skips a test if there is no curl, except in CI.
func needCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err == nil {
		return
	}
	const missing = "curl is missing: apt-get install curl"
	if os.Getenv("ENJOBRIDGE_CI") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// Ensure that the request of a ticketing system is the same in the description and for curl.
func TestDocumentedTicketUpdate(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile("```\nPOST /tickets/\\{id\\}\n(?:.+\n)+\n(\\{.*\\})\n```").FindSubmatch(page)
	if request == nil || !strings.Contains(ticketUpdate, "'"+string(request[1])+"'") {
		t.Errorf("the description has %q, and curl sends %s", request, ticketUpdate)
	}
}
