package storage

import (
	"context"
	"fmt"
)

// SetToken implements [Store].
func (b *Bolt) SetToken(ctx context.Context, token Token) (err error) {
	defer b.report("set_token")(&err)
	token.IssuedAt, token.ExpiresAt = token.IssuedAt.UTC(), token.ExpiresAt.UTC()
	if err = b.update(ctx, func(t *tx) error { return t.save(bucketTokens, &token) }); err != nil {
		return fmt.Errorf("store the %s token: %w", string(token.Kind), err)
	}
	return nil
}

// Token implements [Store].
func (b *Bolt) Token(ctx context.Context, kind TokenKind) (_ Token, err error) {
	defer b.report("token")(&err)
	var token Token
	err = b.view(ctx, func(t *tx) error {
		token = Token{}
		return t.load(bucketTokens, stringsKey(string(kind)), &token)
	})
	if err != nil {
		return Token{}, fmt.Errorf("read the %s token: %w", string(kind), err)
	}
	return token, nil
}
