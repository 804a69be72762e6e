package settings

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that STORAGE is a file or the address of a database, and that its password is not
// shown.
func TestReadStorage(t *testing.T) {
	const url = "postgres://bot:hunter2@db.example.com/bot"
	for name, test := range map[string]struct{ storage, listen, shown, problem string }{
		"default":              {"", "", "enjobridge.db", ""},
		"file":                 {"bot.db", "", "bot.db", ""},
		"database":             {url, "", "postgres://db.example.com/bot", ""},
		"behind a pooler":      {url, "postgres://bot:hunter2@direct/bot", "postgres://db.example.com/bot", ""},
		"in quotes":            {`"` + url + `"`, "", "", "STORAGE has quotes around its value"},
		"another scheme":       {"mysql://bot:hunter2@db/bot", "", "", "STORAGE is not the URL of a PostgreSQL database: "},
		"keys and values":      {"host=db password=hunter2", "", "", "STORAGE has keys and values: write it as a URL"},
		"without a scheme":     {"bot:hunter2@db/bot", "", "", "STORAGE looks like the address of a database: write it as a URL"},
		"no database":          {"postgres://bot:hunter2@db", "", "", "STORAGE has no database: "},
		"listening at a file":  {"bot.db", url, "", "STORAGE_LISTEN is set, but STORAGE is a file: "},
		"listening at nothing": {url, "hunter2", "", "STORAGE_LISTEN is not the URL of a PostgreSQL database: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PGDATABASE", "")
			t.Setenv("STORAGE", test.storage)
			t.Setenv("STORAGE_LISTEN", test.listen)
			s, err := ReadStorage()
			switch {
			case test.problem == "" && (err != nil || s.String() != test.shown):
				t.Errorf("%s, %v; want %s", s, err, test.shown)
			case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
				t.Errorf("error %v, want %q", err, test.problem)
			}
			encoded, _ := json.Marshal(s)
			if all := fmt.Sprintf("%v %+v %#v %s %v", s, s, s, encoded, err); strings.Contains(all, "hunter2") {
				t.Errorf("the password is shown: %s", all)
			}
		})
	}
}

// Ensure that the address of a database can be in a file.
func TestReadStorage_File(t *testing.T) {
	const url = "postgres://bot:hunter2@db.example.com/bot"
	file := filepath.Join(t.TempDir(), "storage")
	if err := os.WriteFile(file, []byte(url+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STORAGE_FILE", file)
	if s, err := ReadStorage(); err != nil || s.URL() != url {
		t.Errorf("%s, %v", s, err)
	}
	t.Setenv("STORAGE", "bot.db")
	if _, err := ReadStorage(); err == nil || !strings.Contains(err.Error(), "STORAGE and STORAGE_FILE are both set") {
		t.Errorf("error %v", err)
	}
}
