package settings

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Ensure that misspelled names are recognised.
func TestNearMisses(t *testing.T) {
	for name, want := range map[string]string{
		"ALLOWED_CHANNEL":      "ALLOWED_CHANNELS",
		"ALLOWED_USER":         "ALLOWED_USERS",
		"ALOWED_CHANELS":       "ALLOWED_CHANNELS",
		"ALLOWED_CHANNLES":     "ALLOWED_CHANNELS",
		"ALLOWEDCHANNELS":      "ALLOWED_CHANNELS",
		"ALLOW_EXTERNALS":      "ALLOW_EXTERNAL",
		"SLACK_BOT_TOKENS":     "SLACK_BOT_TOKEN",
		"SLACK_BOT_TOKN":       "SLACK_BOT_TOKEN",
		"SLACK_BOT_TKN":        "SLACK_BOT_TOKEN",
		"SLACK_BTO_TOKEN":      "SLACK_BOT_TOKEN",
		"SLACKBOTTOKEN":        "SLACK_BOT_TOKEN",
		"SLACK_BOT_TOKEN_FIL":  "SLACK_BOT_TOKEN_FILE",
		"SLACK_BOT_TOKN_FILE":  "SLACK_BOT_TOKEN_FILE",
		"SLACK-BOT-TOKEN":      "SLACK_BOT_TOKEN",
		"slack_bot_token":      "SLACK_BOT_TOKEN",
		"Slack_App_Token":      "SLACK_APP_TOKEN",
		"SLACK_APPTOKEN":       "SLACK_APP_TOKEN",
		"ENJO_TOKENS":          "ENJO_TOKEN",
		"ENJO_TOKE":            "ENJO_TOKEN",
		"ENJO_BOTID":           "ENJO_BOT_ID",
		"ENJO_BOT_IDS":         "ENJO_BOT_ID",
		"ENJO_AGENT":           "ENJO_AGENTS",
		"ENJO_ROUTE":           "ENJO_ROUTES",
		"ENJO_LIMIT":           "ENJO_LIMITS",
		"ENJO_API_URI":         "ENJO_API_URL",
		"SLACK_SOCKET":         "SLACK_SOCKETS",
		"FOLLOW_UP":            "FOLLOW_UPS",
		"FOLLOWUPS":            "FOLLOW_UPS",
		"SUGGESTED_PROMPT":     "SUGGESTED_PROMPTS",
		"MAX_WAITINGS":         "MAX_WAITING",
		"MAX_WAITING_PERUSER":  "MAX_WAITING_PER_USER",
		"CHANNELS_DAILY_LIMIT": "CHANNEL_DAILY_LIMIT",
		"TICKET_BUTTONS":       "TICKET_BUTTON",
		"TICKETS_PROMPT":       "TICKET_PROMPT",
		"TICKETWEBHOOKSECRET":  "TICKET_WEBHOOK_SECRET",
		"ESCALATE_CHANEL":      "ESCALATE_CHANNEL",
		"ESKALATE_CHANNELS":    "ESCALATE_CHANNEL",
		"WEBHOOK_ADDRESS":      "", // three edits
		"WEBHOOK_ADR":          "WEBHOOK_ADDR",
		"HTTP_ADR":             "HTTP_ADDR",
		"ADMIN_TOKN":           "ADMIN_TOKEN",
		"ADMIN_SOKET":          "ADMIN_SOCKET",
		"LOGLEVEL":             "LOG_LEVEL",
		"LOG_LVL":              "", // two edits in a short name
		"LOG_FORMATS":          "LOG_FORMAT",
		"RETENTON":             "RETENTION",
		"WELCOM":               "WELCOME",
	} {
		if got := nearest(name); got != want {
			t.Errorf("%s is near %q, want %q", name, got, want)
		}
	}
}

// unrelated are variables that are set on machines, in containers and for other programs.
const unrelated = `
	PATH HOME USER LOGNAME SHELL TERM LANG LC_ALL LC_CTYPE TZ PWD OLDPWD SHLVL HOSTNAME HOST MAIL EDITOR VISUAL PAGER DISPLAY COLORTERM _ PS1 TMPDIR TMP TEMP
	XDG_RUNTIME_DIR XDG_SESSION_ID XDG_CONFIG_HOME XDG_DATA_DIRS DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY LS_COLORS SUDO_USER SUDO_UID
	HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY FTP_PROXY http_proxy https_proxy no_proxy all_proxy SSL_CERT_FILE SSL_CERT_DIR
	GOPATH GOROOT GOCACHE GOMODCACHE GOPROXY GOFLAGS GOMAXPROCS GOMEMLIMIT GOGC GODEBUG GOTRACEBACK GOOS GOARCH CGO_ENABLED GO111MODULE
	INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID STATE_DIRECTORY RUNTIME_DIRECTORY CREDENTIALS_DIRECTORY NOTIFY_SOCKET LISTEN_FDS LISTEN_PID WATCHDOG_USEC MAINPID
	KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR
	ENJOBRIDGE_SERVICE_HOST ENJOBRIDGE_SERVICE_PORT ENJOBRIDGE_SERVICE_PORT_HTTP ENJOBRIDGE_PORT ENJOBRIDGE_PORT_9090_TCP ENJOBRIDGE_PORT_9090_TCP_PROTO
	STORAGE_SERVICE_HOST STORAGE_SERVICE_PORT STORAGE_PORT STORAGE_PORT_9000_TCP_ADDR WELCOME_SERVICE_HOST WELCOME_PORT_80_TCP HTTP_PORT
	POD_NAME POD_IP POD_NAMESPACE NODE_NAME NAMESPACE SERVICE_ACCOUNT CLUSTER_NAME container DOCKER_HOST DOCKER_CONFIG COMPOSE_PROJECT_NAME
	AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_DEFAULT_REGION AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE ECS_CONTAINER_METADATA_URI
	AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_TENANT_ID AZURE_STORAGE_ACCOUNT GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_PROJECT GCP_PROJECT K_SERVICE K_REVISION
	CI GITHUB_TOKEN GITHUB_ACTIONS GITHUB_ENV GITHUB_WORKSPACE GITLAB_CI CI_JOB_TOKEN RUNNER_TEMP JENKINS_URL BUILD_ID BUILD_NUMBER
	VAULT_ADDR VAULT_TOKEN CONSUL_HTTP_ADDR CONSUL_HTTP_TOKEN NOMAD_ADDR NOMAD_TOKEN REDIS_URL REDIS_ADDR DATABASE_URL POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE PGHOST PGPASSWORD
	PORT ADDR BIND_ADDR LISTEN_ADDR HTTP_HOST HTTP_PORT HTTP_ADDRESS HTTPS_PORT GRPC_ADDR METRICS_ADDR DEBUG VERBOSE ENV ENVIRONMENT NODE_ENV RAILS_ENV APP_ENV
	ALLOWED_HOSTS ALLOWED_ORIGINS ALLOWED_IPS ALLOWED_CIDRS ALLOWED_ROOTS ALLOWED_PORTS ALLOWED_METHODS ALLOWED_DOMAINS ALLOWED_GROUPS ALLOW_LIST
	ADMIN_EMAIL ADMIN_USER ADMIN_PASSWORD ADMIN_SECRET ADMIN_USERS ADMIN_URL ADMIN_ROLE WEBHOOK_URL WEBHOOK_SECRET WEBHOOK_TOKEN WEBHOOK_PATH TICKET_SYSTEM TICKET_URL
	LOG_FILE LOG_DIR LOG_PATH LOG_COLOR LOG_OUTPUT LOGGING LOG_JSON LOG_FORMATTER RUST_LOG STORAGE_PATH STORAGE_DIR STORAGE_CLASS STORAGE_TYPE STORAGE_URL DATA_DIR RETENTION_DAYS
	MAX_WAIT MAX_WAIT_TIME MAX_WORKERS MAX_RETRIES MAX_UPLOADS SHARE_DIR ESCALATE TIMEOUT TOKEN SECRET STALE_AFTER_DAYS STALE
	SLACK_TOKEN SLACK_WEBHOOK_URL SLACK_SIGNING_SECRET SLACK_CHANNEL SLACK_CHANNEL_ID SLACK_USER_TOKEN SLACK_TEAM_ID SLACK_APP_ID SLACK_BOT_NAME SLACK_VERIFICATION_TOKEN
	ENJO_URL ENJO_API_KEY ENJO_ENV ENJO_HOST ENJOBRIDGE_VERSION storage welcome retention path Path home npm_config_cache npm_lifecycle_event log_level_2
	OTEL_EXPORTER_OTLP_ENDPOINT OTEL_SERVICE_NAME SENTRY_DSN DD_API_KEY DD_AGENT_HOST DD_ENV PROMETHEUS_MULTIPROC_DIR PYTHONPATH VIRTUAL_ENV JAVA_HOME NVM_DIR
`

// Ensure that variables of other programs are left alone.
func TestUnrelatedVariables(t *testing.T) {
	for name := range strings.FieldsSeq(unrelated) {
		if isSetting(name) {
			t.Errorf("%s is a setting", name)
		}
		r := reader{}
		if r.nearMiss(name, "x", name); r.err() != nil {
			t.Errorf("%v", r.problems)
		}
	}
}

// Ensure that no setting is a near miss of another one, also with the path of a secret.
func TestSettingsAreNoNearMisses(t *testing.T) {
	for _, s := range all() {
		for _, name := range []string{s.name, s.name + fileSuffix} {
			r := reader{}
			if r.nearMiss(name, "x", name); (name == s.name || s.secret) && r.err() != nil {
				t.Errorf("%v", r.problems)
			}
		}
	}
}

// Ensure that the environment and the env file are checked with all other settings, that
// an empty variable does not count, and that the right name next to it ends the doubt.
func TestNearMissesAreListed(t *testing.T) {
	minimal(t)
	t.Setenv("ALLOWED_CHANNEL", "C-hunter2")
	t.Setenv("ENJO_ROUTE", "")
	t.Setenv("LOG_LEVEL", "loud")
	t.Setenv("ENJO_AGENTS_FILE", "/hunter2")
	path := useFile(t, "# comment\nALLOWED_USER=U-hunter2\nSOMETHING=else\n")
	_, err := Read()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"ALLOWED_CHANNEL is not a setting: rename it to ALLOWED_CHANNELS", "LOG_LEVEL must be",
		fmt.Sprintf("ALLOWED_USER in %s:2 is not a setting: rename it to ALLOWED_USERS", path),
		"ENJO_AGENTS_FILE is not a setting: only secrets can be in files; set ENJO_AGENTS itself",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("the error is %v", err)
	}

	for _, name := range []string{"LOG_LEVEL", "ALLOWED_CHANNELS", "ALLOWED_USERS", "ENJO_AGENTS"} {
		t.Setenv(name, "")
	}
	if _, err := Read(); err != nil {
		t.Errorf("with the right names set, too, the error is %v", err)
	}
	if err := os.Unsetenv("ALLOWED_CHANNELS"); err != nil { // t.Setenv restores it
		t.Fatal(err)
	}
	if _, err := ReadStorage(); err != nil {
		t.Errorf("a command that needs only the store fails with %v", err)
	}
}

// Ensure that an empty setting in the env file ends the doubt, too.
func TestNearMissesWithEmptySettings(t *testing.T) {
	minimal(t)
	t.Setenv("LOGLEVEL", "trace")
	useFile(t, "LOG_LEVEL=\nALLOWED_USER=another program's\nALLOWED_USERS=\n")
	if _, err := Read(); err != nil {
		t.Error(err)
	}
}

// Ensure that the distance counts insertions, deletions, replacements and swaps.
func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ac", 1}, {"abc", "axc", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3}} {
		if got, back := editDistance(test.a, test.b), editDistance(test.b, test.a); got != test.want || back != test.want {
			t.Errorf("%q and %q are %d and %d edits apart, want %d", test.a, test.b, got, back, test.want)
		}
	}
}
