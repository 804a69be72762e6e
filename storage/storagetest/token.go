package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"enjobridge/storage"
)

// issued returns a token of a kind.
func issued(kind storage.TokenKind, number int) storage.Token {
	return storage.Token{
		Kind: kind, Access: fmt.Sprint("access-", kind, number), Refresh: fmt.Sprint("refresh-", kind, number), Origin: "digest",
		IssuedAt: at(number), ExpiresAt: at(number + 100),
	}
}

// token returns the stored token of a kind.
func (s *store) token(kind storage.TokenKind) storage.Token {
	s.t.Helper()
	token, err := s.Token(background, kind)
	s.must(err)
	return token
}

func testTokens(t *testing.T, f *fixture) {
	t.Run("are not found before they are stored", func(t *testing.T) {
		s := f.open(t)
		_, err := s.Token(background, storage.BotToken)
		notFound(t, "token", err)
	})

	t.Run("replace the one of their kind, and outlast a restart and Forget", func(t *testing.T) {
		s := f.open(t)
		s.must(s.SetToken(background, issued(storage.BotToken, 1)))
		s.must(s.SetToken(background, issued(storage.AppToken, 2)))
		s.must(s.SetToken(background, issued(storage.BotToken, 3)))
		s.forget(1000, 1000)
		s.reopen()
		equal(t, "bot token", s.token(storage.BotToken), issued(storage.BotToken, 3))
		equal(t, "app token", s.token(storage.AppToken), issued(storage.AppToken, 2))
	})

	t.Run("are in no error", func(t *testing.T) {
		s := f.open(t)
		bad := issued("not\xffUTF-8", 1)
		err := s.SetToken(background, bad)
		if !errors.Is(err, storage.ErrBadID) || strings.Contains(err.Error(), "access-") || strings.Contains(err.Error(), "refresh-") {
			t.Errorf("the error is %v", err)
		}
	})
}
