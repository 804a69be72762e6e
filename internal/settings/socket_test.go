package settings

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that the admin socket is next to the store unless it is set, and that an
// invalid path is an error that says how to fix it.
func TestAdminSocket(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", maxSocketPath)
	for name, test := range map[string]struct{ storage, socket, want, problem string }{
		"default":              {"", "", "enjobridge.db.sock", ""},
		"next to the store":    {"bot.db", "", "bot.db.sock", ""},
		"set":                  {"bot.db", filepath.Join(dir, "admin"), filepath.Join(dir, "admin"), ""},
		"off":                  {"bot.db", "off", "", "ADMIN_SOCKET is off, but "},
		"long":                 {"bot.db", long, long, ""},
		"too long":             {"bot.db", long + "x", "", fmt.Sprintf("ADMIN_SOCKET has a path of %d bytes, and the limit is %d", maxSocketPath+1, maxSocketPath)},
		"too long by default":  {long, "", "", "ADMIN_SOCKET has a path of "},
		"the store":            {"bot.db", "bot.db", "", "ADMIN_SOCKET is the same file as STORAGE"},
		"a directory":          {"bot.db", dir, "", "ADMIN_SOCKET is a directory"},
		"no directory":         {"bot.db", filepath.Join(dir, "none", "admin"), "", "ADMIN_SOCKET is in a directory that does not exist: create "},
		"store in no place":    {filepath.Join(dir, "none", "bot.db"), "", "", "STORAGE is in a directory that does not exist: create "},
		"of a database":        {"postgres://bot:hunter2@db.example.com/bot", "", "enjobridge.sock", ""},
		"not an abstract name": {"@bot.db", "", "./@bot.db.sock", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STORAGE", test.storage)
			t.Setenv("ADMIN_SOCKET", test.socket)
			path, err := AdminSocket()
			switch {
			case test.problem == "" && (err != nil || path != test.want):
				t.Errorf("%q, %v; want %q", path, err, test.want)
			case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
				t.Errorf("error %v, want %q", err, test.problem)
			}
		})
	}
}
