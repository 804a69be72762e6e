package ops

import (
	"context"
	"errors"
	"fmt"
	"io"

	"enjobridge/storage/postgres"
)

// CheckDatabase checks the store in a database and prints a report. It returns an error if the
// store is missing or cannot be used.
func CheckDatabase(ctx context.Context, url string, out io.Writer) error {
	where := postgres.Redacted(url)
	facts, err := postgres.Inspect(ctx, url)
	switch {
	case err != nil:
		return fmt.Errorf("connect to %s: %s", where, postgres.Cause(err))
	case facts.Schema == 0:
		return errors.New(where + " has no store: the first start of enjobridge creates it")
	}
	_, err = fmt.Fprintf(out, "%s: PostgreSQL %s, schema %d\n", where, facts.Server, facts.Schema)
	return err
}
