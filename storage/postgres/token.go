package postgres

import (
	"context"
	"fmt"

	"enjobridge/storage"
)

// SetToken implements [storage.Store].
func (s *Store) SetToken(ctx context.Context, token storage.Token) (err error) {
	defer s.report("set_token")(&err)
	token.IssuedAt, token.ExpiresAt = token.IssuedAt.UTC(), token.ExpiresAt.UTC()
	err = s.update(ctx, needs{}, func(t *tx) error { return t.save(tokens, identity{string(token.Kind)}, &token) })
	if err != nil {
		return fmt.Errorf("store the %s token: %w", string(token.Kind), err)
	}
	return nil
}

// Token implements [storage.Store].
func (s *Store) Token(ctx context.Context, kind storage.TokenKind) (token storage.Token, err error) {
	defer s.report("token")(&err)
	err = s.view(ctx, func(t *tx) error { return t.load(tokens, identity{string(kind)}, &token) })
	if err != nil {
		return storage.Token{}, fmt.Errorf("read the %s token: %w", string(kind), err)
	}
	return token, nil
}
