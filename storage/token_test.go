package storage_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// Ensure that no verb of fmt shows the secrets of a token.
func TestToken_Format(t *testing.T) {
	token := storage.Token{Kind: storage.BotToken, Access: "xoxe.secret", Refresh: "xoxe-secret", ExpiresAt: epoch}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{token, &token, []storage.Token{token}} {
			if shown := fmt.Sprintf(verb, value); strings.Contains(shown, "secret") || !strings.Contains(shown, "bot token until 2026") {
				t.Errorf("%s of %T shows %s", verb, value, shown)
			}
		}
	}
}

// Ensure that a damaged token is not found, is reported, and that its secrets are not kept.
func TestBolt_DamagedToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	must(t, s.SetToken(t.Context(), storage.Token{Kind: storage.BotToken, Access: "secret"}))
	closeStore(t, s)
	tampered(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("tokens")).Put(keyWith(tx, "tokens", "bot"), []byte(`{"access":"secret"`))
	})
	s = open(t, path, storage.Unsynced)
	reports := setAside(s)
	if _, err := s.Token(t.Context(), storage.BotToken); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
	if want := []storage.SetAsideError{{Bucket: "tokens", Record: "bot"}}; !cmp.Equal(*reports, want) {
		t.Errorf("reports %+v, want %+v", *reports, want)
	}
	closeStore(t, s)
	wantSound(t, path, 1)
	for key, aside := range raw(t, path)["damaged"] {
		if aside != "" {
			t.Errorf("set aside: %q at %q", aside, key)
		}
	}
}

// Ensure that a store from before tokens were stored has no problems, and stores them.
func TestBolt_StoreWithoutTokens(t *testing.T) {
	path := full(t)
	tampered(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("tokens")) })
	wantSound(t, path, 0)
	s := open(t, path, storage.Unsynced)
	must(t, s.SetToken(t.Context(), storage.Token{Kind: storage.AppToken, Access: "access"}))
	closeStore(t, s)
	wantSound(t, path, 0)
}
