package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/internal/doctor"
	"enjobridge/internal/smalldisk"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// misconfiguration is something that is wrong, and what doctor must say about it.
type misconfiguration struct {
	name         string
	seed         func(w *ward)
	slack        []func(*slacksandbox.Config)
	args         []string
	check        string
	level        doctor.Level
	message, fix string // parts of them
}

// set changes a setting.
func set(name, value string) func(*ward) { return func(w *ward) { w.env[name] = value } }

// refuse makes Slack answer a method with an error.
func refuse(method string, code slacksandbox.Error) func(*ward) {
	return func(w *ward) { w.slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Fail(code)) }
}

// without removes a scope from the installation.
func without(scope string) func(*ward) {
	return func(w *ward) {
		w.slack.SetScopes(slices.DeleteFunc(granted(), func(s string) bool { return s == scope })...)
	}
}

// granted returns the scopes of the manifest, also the optional ones.
func granted() (scopes []string) {
	for line := range bytes.Lines(manifest) {
		scope, found := bytes.CutPrefix(bytes.TrimSpace(line), []byte("- "))
		if found && (bytes.Contains(scope, []byte(":")) && !bytes.Contains(scope, []byte(" ")) || string(scope) == "commands") {
			scopes = append(scopes, string(scope))
		}
	}
	return scopes
}

// compared lets doctor compare the app with the manifest.
func compared(w *ward) { w.env["SLACK_CONFIG_TOKEN"] = w.slack.GenerateConfigToken() }

// channel adds a channel, and returns its ID.
func (w *ward) channel(c slacksandbox.Channel, archived bool) string {
	id := w.slack.AddChannel(c)
	if archived {
		if err := w.slack.Archive(id); err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}

// gone adds a person whose account is deactivated, and returns the ID.
func (w *ward) gone() string {
	return w.slack.AddUser(slacksandbox.User{Name: "gone", Deleted: true})
}

// store creates a store, and lets a test change it.
func (w *ward) store(change func(path string)) {
	w.t.Helper()
	path := filepath.Join(w.dir, "enjobridge.db")
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		w.t.Fatal(err)
	}
	change(path)
}

// ofNextVersion makes a store look like one of a newer version.
func (w *ward) ofNextVersion(path string) {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(t *bbolt.Tx) error { return t.Bucket([]byte("about")).Put([]byte("schema"), []byte("99")) }); err != nil {
		w.t.Fatal(err)
	}
}

// listen takes an address until the test ends.
func (w *ward) listen() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// late puts a proxy in front of Slack whose clock is behind.
func (w *ward) late(by time.Duration) {
	to, err := url.Parse(w.slack.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(-by).UTC().Format(http.TimeFormat))
			return nil
		},
	})
	w.t.Cleanup(server.Close)
	w.env["SLACK_API_URL"] = server.URL + "/api/"
}

// fullDisk puts the store on a disk that is full.
func (w *ward) fullDisk() {
	disk, err := smalldisk.Mount(w.t, 1)
	if err != nil {
		w.t.Skipf("no small disk can be mounted: %v", err)
	}
	w.env["STORAGE"] = disk.Path("bot.db")
	disk.Fill()
}

var misconfigurations = slices.Concat(tokenMistakes, appMistakes, placeMistakes, enjoMistakes, machineMistakes)

var tokenMistakes = []misconfiguration{
	{name: "a bot token that is wrong", seed: set("SLACK_BOT_TOKEN", "xoxb-1234567890-1234567890-wrongwrongwrong1"), check: "bot-token", level: doctor.Error, message: "invalid_auth", fix: "under OAuth & Permissions"},
	{name: "a bot token that was revoked", seed: refuse("auth.test", "token_revoked"), check: "bot-token", level: doctor.Error, message: "token_revoked", fix: "install the app again and set the new SLACK_BOT_TOKEN"},
	{name: "an app that was uninstalled", seed: refuse("auth.test", "account_inactive"), check: "bot-token", level: doctor.Error, message: "account_inactive", fix: "install it again"},
	{name: "a user token", seed: set("SLACK_BOT_TOKEN", "xoxp-1234567890-1234567890-abcdef123456"), check: "settings", level: doctor.Error, message: "SLACK_BOT_TOKEN is a user token", fix: "OAuth & Permissions"},
	{name: "tokens that are swapped", seed: func(w *ward) {
		w.env["SLACK_APP_TOKEN"], w.env["SLACK_BOT_TOKEN"] = w.env["SLACK_BOT_TOKEN"], w.env["SLACK_APP_TOKEN"]
	}, check: "settings", level: doctor.Error, message: "belongs in SLACK_BOT_TOKEN", fix: "are the two swapped?"},
	{name: "a token in quotes", seed: func(w *ward) { w.env["SLACK_BOT_TOKEN"] = `"` + w.env["SLACK_BOT_TOKEN"] + `"` }, check: "settings", level: doctor.Error, message: "has quotes", fix: "remove them"},
	{name: "a placeholder", seed: set("SLACK_APP_TOKEN", "xapp-your-token"), check: "settings", level: doctor.Error, message: "SLACK_APP_TOKEN is a placeholder", fix: "set the real value"},
	{name: "a missing setting", seed: set("ENJO_BOT_ID", ""), check: "settings", level: doctor.Error, message: "ENJO_BOT_ID is missing", fix: "from the Enjo dashboard, your AI agent"},
	{name: "a misspelled setting", seed: func(w *ward) { w.env["ALLOWED_USER"] = w.alice; delete(w.env, "ALLOWED_USERS") }, check: "settings", level: doctor.Error, message: "ALLOWED_USER is not a setting", fix: "rename it to ALLOWED_USERS"},
	{name: "an app-level token that is wrong", seed: set("SLACK_APP_TOKEN", "xapp-1-A0123456789-1234567890-abcdef"), check: "app-token", level: doctor.Error, message: "invalid_auth", fix: "under Basic Information, App-Level Tokens"},
	{name: "an app-level token without connections:write", seed: refuse("apps.connections.open", "missing_scope"), check: "app-token", level: doctor.Error, message: "missing_scope", fix: "lacks connections:write: make a new one"},
	{name: "tokens of two apps", seed: func(w *ward) { w.env["SLACK_APP_TOKEN"] = w.slack.SecondApp() }, check: "same-app", level: doctor.Error, message: "SLACK_APP_TOKEN to the app A", fix: "copy both tokens from the page of the same app"},
}

var appMistakes = []misconfiguration{
	{name: "Socket Mode that is off", slack: []func(*slacksandbox.Config){func(c *slacksandbox.Config) {
		c.Manifest = bytes.Replace(manifest, []byte("socket_mode_enabled: true"), []byte("socket_mode_enabled: false"), 1)
	}}, check: "socket", level: doctor.Error, message: "link_disabled", fix: "turn it on again on the app's page, under Socket Mode"},
	{name: "a required scope that is missing", seed: without("im:history"), check: "scopes", level: doctor.Error, message: "im:history: direct messages are not received", fix: "Reinstall to Workspace"},
	{name: "a minor scope that is missing", seed: without("files:write"), check: "scopes", level: doctor.Warning, message: "files:write: long answers are posted as many messages", fix: "Reinstall to Workspace"},
	{name: "SHARE_EMAIL without its scope", seed: func(w *ward) { w.env["SHARE_EMAIL"] = "true"; without("users:read.email")(w) }, check: "scopes", level: doctor.Warning, message: "SHARE_EMAIL has no effect", fix: "Reinstall to Workspace"},
	{name: "another process with the same token", seed: func(w *ward) { w.slack.Faults().UnaccountedSocket(time.Hour) }, check: "connections", level: doctor.Warning, message: "Slack counts 1 connection of the app besides this one", fix: "stop other processes with the same SLACK_APP_TOKEN"},
	{name: "too many connections", seed: func(w *ward) {
		for range 10 {
			w.slack.Faults().UnaccountedSocket(time.Hour)
		}
	}, check: "socket", level: doctor.Error, message: "too_many_websockets", fix: "is another process using the same SLACK_APP_TOKEN"},
	{name: "an app without some events", slack: []func(*slacksandbox.Config){func(c *slacksandbox.Config) {
		c.Manifest = bytes.Replace(manifest, []byte("      - message.im\n"), nil, 1)
	}}, seed: compared, check: "manifest", level: doctor.Error, message: "does not subscribe to events, which are not received then: message.im", fix: "put manifest.yml on the app's page"},
	{name: "an app without interactivity", slack: []func(*slacksandbox.Config){func(c *slacksandbox.Config) {
		c.Manifest = bytes.Replace(manifest, []byte("interactivity:\n    is_enabled: true"), []byte("interactivity:\n    is_enabled: false"), 1)
	}}, seed: compared, check: "manifest", level: doctor.Error, message: "buttons do not work", fix: "put manifest.yml on the app's page"},
	{name: "SLACK_AGENT without the feature", seed: func(w *ward) { w.env["SLACK_AGENT"] = "false"; compared(w) }, check: "manifest", level: doctor.Error, message: "but SLACK_AGENT is false", fix: "set SLACK_AGENT to true"},
	{name: "a file of the configuration token that does not exist", seed: set("SLACK_CONFIG_TOKEN_FILE", "none"), check: "settings", level: doctor.Error, message: "SLACK_CONFIG_TOKEN_FILE names none, which does not exist", fix: "correct the path in SLACK_CONFIG_TOKEN_FILE"},
	{name: "a time without a unit", seed: set("STALE_AFTER", "15"), check: "settings", level: doctor.Error, message: "STALE_AFTER must be a duration", fix: "correct STALE_AFTER"},
	{name: "a configuration token that has expired", seed: set("SLACK_CONFIG_TOKEN", "xoxe.xoxp-1-abcdefghijklmnop"), check: "manifest", level: doctor.Warning, message: "was not compared", fix: "generate a new token"},
	{name: "an app that is distributed", seed: func(w *ward) {
		w.slack.Faults().OnCall(slacksandbox.Calls{Method: "conversations.history", Skip: 1}, slacksandbox.RateLimit(time.Minute))
	}, check: "distribution", level: doctor.Warning, message: "only about once a minute", fix: "under Manage Distribution"},
}

var placeMistakes = []misconfiguration{
	{name: "a channel that does not exist", seed: set("ALLOWED_CHANNELS", "C0000000000"), check: "channels", level: doctor.Error, message: "ALLOWED_CHANNELS has C0000000000, which does not exist", fix: "copy the ID"},
	{name: "a route to a private channel without the bot", seed: func(w *ward) {
		w.env["ENJO_ROUTES"] = w.channel(slacksandbox.Channel{Name: "board", Kind: slacksandbox.Private, Members: []string{w.alice}}, false) + ":default"
	}, check: "channels", level: doctor.Error, message: "is private without the bot", fix: "invite the bot"},
	{name: "a channel without the bot", seed: func(w *ward) { w.env["ALLOWED_CHANNELS"] = w.channel(slacksandbox.Channel{Name: "random"}, false) }, check: "channels", level: doctor.Warning, message: "(#random), where the bot is not a member", fix: "invite the bot there"},
	{name: "a channel for calls without the bot", seed: func(w *ward) { w.env["ESCALATE_CHANNEL"] = w.channel(slacksandbox.Channel{Name: "random"}, false) }, check: "channels", level: doctor.Error, message: "ESCALATE_CHANNEL has ", fix: "invite the bot there"},
	{name: "a channel for calls that is archived", seed: func(w *ward) {
		w.env["ESCALATE_CHANNEL"] = w.channel(slacksandbox.Channel{Name: "old", Members: []string{w.slack.BotUserID()}}, true)
	}, check: "channels", level: doctor.Error, message: "(#old), which is archived", fix: "remove it from ESCALATE_CHANNEL"},
	{name: "a channel for reports without the bot", seed: func(w *ward) { w.env["REPORT_CHANNEL"] = w.channel(slacksandbox.Channel{Name: "random"}, false) }, check: "channels", level: doctor.Error, message: "REPORT_CHANNEL has ", fix: "invite the bot there"},
	{name: "a served person whose account is deactivated", seed: func(w *ward) { w.env["ALLOWED_USERS"] += "," + w.gone() }, check: "people", level: doctor.Warning, message: "(gone), which is deactivated", fix: "remove it from ALLOWED_USERS"},
	{name: "a called person whose account is deactivated", seed: func(w *ward) { w.env["ESCALATE_TO"] = w.gone() }, check: "people", level: doctor.Error, message: "(gone), which is deactivated", fix: "remove it from ESCALATE_TO, and add who takes over"},
	{name: "a person who does not exist", seed: set("ESCALATE_TO", "U0000000000"), check: "people", level: doctor.Error, message: "ESCALATE_TO has U0000000000, which does not exist", fix: "Copy member ID"},
	{name: "a bot that does not exist", seed: set("ALLOWED_BOTS", "B0000000000"), check: "people", level: doctor.Error, message: "ALLOWED_BOTS has B0000000000, which does not exist", fix: "into ALLOWED_BOTS"},
	{name: "a user group that does not exist", seed: func(w *ward) {
		w.slack.SetScopes(append(granted(), "usergroups:read")...)
		w.env["ESCALATE_TO"] = w.slack.AddUserGroup(slacksandbox.UserGroup{Handle: "it-team", Name: "IT team"}) + ",S0000000000"
	}, check: "people", level: doctor.Error, message: "ESCALATE_TO has S0000000000, which does not exist or is disabled", fix: "copy the ID of the user group"},
}

var enjoMistakes = []misconfiguration{
	{name: "an Enjo token that is wrong", args: []string{"-ask"}, seed: set("ENJO_TOKEN", "pat-wrongwrongwrong"), check: "agents", level: doctor.Error, message: "bad_token", fix: "set ENJO_TOKEN"},
	{name: "a bot ID that is wrong", args: []string{"-ask"}, seed: set("ENJO_BOT_ID", "nobody"), check: "agents", level: doctor.Error, message: "the agent default did not answer", fix: "check the bot ID against the Enjo dashboard"},
	{name: "the bot ID of another agent that is wrong", args: []string{"-ask"}, seed: set("ENJO_AGENTS", "hr:nobody"), check: "agents", level: doctor.Error, message: "the agent hr did not answer", fix: "ENJO_AGENTS"},
	{name: "a web page in place of Enjo", args: []string{"-ask"}, seed: func(w *ward) { w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.HTML}) }, check: "agents", level: doctor.Error, message: "wrong_address", fix: "check ENJO_API_URL"},
	{name: "Enjo that cannot be reached", seed: func(w *ward) { w.enjo.Faults().Down() }, check: "enjo", level: doctor.Error, message: "no connection to 127.0.0.1", fix: "check ENJO_API_URL, the network and the firewall"},
}

var machineMistakes = []misconfiguration{
	{name: "a clock that is wrong", seed: func(w *ward) { w.late(time.Hour) }, check: "clock", level: doctor.Error, message: "ahead of Slack's: old records are not deleted", fix: "set the clock"},
	{name: "a clock that is a little wrong", seed: func(w *ward) { w.late(-time.Minute) }, check: "clock", level: doctor.Warning, message: "behind Slack's", fix: "set the clock"},
	{name: "Slack that cannot be reached", seed: set("SLACK_API_URL", "http://127.0.0.1:1/api/"), check: "slack", level: doctor.Error, message: "no connection to 127.0.0.1:1", fix: "check SLACK_API_URL, the network and the firewall"},
	{name: "a wrong path of Slack's API", seed: func(w *ward) { w.env["SLACK_API_URL"] = w.slack.URL() + "/" }, check: "slack", level: doctor.Error, message: "there is no Web API of Slack at SLACK_API_URL", fix: "ends with /api/"},
	{name: "a redirect", seed: func(w *ward) {
		w.slack.Faults().OnCall(slacksandbox.Calls{}, slacksandbox.Redirect(http.StatusTemporaryRedirect, "https://login.example.com/"))
	}, check: "slack", level: doctor.Error, message: "HTTP status 307", fix: `redirect to the host "login.example.com"`},
	{name: "a broken proxy", seed: func(w *ward) {
		w.env["SLACK_API_URL"], w.env["HTTPS_PROXY"] = "https://slack.example.com/api/", "http://user:hunter2@127.0.0.1:1"
	}, check: "slack", level: doctor.Error, message: "slack.example.com through the proxy 127.0.0.1:1", fix: "check HTTPS_PROXY, and whether the proxy allows slack.example.com"},
	{
		name: "a proxy whose password is not encoded", seed: set("HTTPS_PROXY", "http://user:hunter2#@127.0.0.1:1"),
		check: "proxy", level: doctor.Error, message: "HTTPS_PROXY is not a valid URL", fix: "must be percent-encoded",
	},
	{name: "TLS that is inspected", seed: func(w *ward) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		w.t.Cleanup(server.Close)
		w.env["SLACK_API_URL"] = server.URL + "/api/"
	}, check: "slack", level: doctor.Error, message: "certificate", fix: "name its file in SSL_CERT_FILE"},
	{name: "a port that is taken", seed: func(w *ward) { w.env["HTTP_ADDR"] = w.listen() }, check: "http", level: doctor.Error, message: "address already in use", fix: "set HTTP_ADDR to another one, or to off"},
	{name: "a disk that is full", seed: (*ward).fullDisk, check: "disk", level: doctor.Error, message: "is full", fix: "free space there"},
	{name: "a directory that cannot be written", seed: set("STORAGE", "/proc/enjobridge.db"), check: "store", level: doctor.Error, message: "the directory /proc cannot be written", fix: "set STORAGE to another file"},
	{name: "a directory that does not exist", seed: set("STORAGE", "nowhere/enjobridge.db"), check: "settings", level: doctor.Error, message: "STORAGE is in a directory that does not exist", fix: "create nowhere"},
	{name: "a store that is damaged", seed: func(w *ward) {
		w.store(func(path string) {
			if err := os.Truncate(path, 5_000); err != nil {
				w.t.Fatal(err)
			}
		})
	}, check: "store", level: doctor.Error, message: "enjobridge.db", fix: "restore a backup of the file"},
	{name: "a store of a newer version", seed: func(w *ward) { w.store(w.ofNextVersion) }, check: "store", level: doctor.Error, message: "its schema is 99", fix: "start that version or a newer one"},
	{name: "a file of another program", seed: func(w *ward) { w.write("enjobridge.db", "Buy milk.", 0o600) }, check: "store", level: doctor.Error, message: "another kind of file", fix: "set STORAGE to another file"},
	{name: "a store that another process uses", seed: func(w *ward) {
		store, err := storage.OpenBolt(filepath.Join(w.dir, "enjobridge.db"), storage.BoltOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = store.Close() })
	}, check: "store", level: doctor.Warning, message: "does not answer at ADMIN_SOCKET", fix: "stop it, or set STORAGE to another file"},
	{name: "a store that everyone can read", seed: func(w *ward) {
		w.store(func(path string) {
			if err := os.Chmod(path, 0o644); err != nil {
				w.t.Fatal(err)
			}
		})
	}, check: "secrets", level: doctor.Warning, message: "can read the texts in /", fix: "/enjobridge.db"},
	{name: "an env file that everyone can read", args: []string{"-env-file", "enjobridge.env"}, seed: func(w *ward) {
		w.write("enjobridge.env", "ENJO_TOKEN="+w.env["ENJO_TOKEN"]+"\n", 0o644)
		delete(w.env, "ENJO_TOKEN")
	}, check: "secrets", level: doctor.Warning, message: "can read or change the env file enjobridge.env", fix: "run chmod 600 enjobridge.env"},
	{name: "a file of a secret that everyone can read", seed: func(w *ward) {
		w.env["ENJO_TOKEN_FILE"], w.env["ENJO_TOKEN"] = w.write("token", w.env["ENJO_TOKEN"]+"\n", 0o644), ""
	}, check: "secrets", level: doctor.Warning, message: "can read or change the secret in ", fix: "/token"},
}
