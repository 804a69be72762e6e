package blockkit

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// workspace is a Resolver with a few names and a fixed clock.
type workspace struct{}

func (workspace) User(id string) string {
	return map[string]string{"U1": "Ada", "U2": "Grace <i>"}[id]
}

func (workspace) Channel(id string) string { return map[string]string{"C1": "general"}[id] }

func (workspace) Usergroup(id string) string { return map[string]string{"S1": "on-call"}[id] }

func (workspace) Zone() *time.Location { return time.FixedZone("CET", 3600) }

func (workspace) Now() time.Time { return time.Date(2023, 11, 15, 12, 0, 0, 0, time.UTC) }

// examples are the names of the files of blocks; each kind of block and element
// is in one of them.
func examples() []string { return []string{"message", "modal", "home", "agent", "menus", "strange"} }

// example reads a file of blocks.
func example(t testing.TB, name string) json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// block is a JSON array of one block.
func block(fields string) json.RawMessage { return json.RawMessage(`[{` + fields + `}]`) }

// quoted is a JSON string of n characters.
func quoted(n int) string { return `"` + strings.Repeat("é", n) + `"` }

// repeat is n pieces of JSON with commas between them; "#" in them is their
// number.
func repeat(n int, piece string) string {
	pieces := make([]string, n)
	for i := range pieces {
		pieces[i] = strings.ReplaceAll(piece, "#", string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10)))
	}
	return strings.Join(pieces, ",")
}
