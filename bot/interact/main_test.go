package interact

import (
	"os"
	"testing"

	"enjobridge/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }
