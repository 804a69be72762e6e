package sim_test

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	runAsProcess()
	debug.SetGCPercent(400) // a thousand small worlds are thrown away
	goleak.VerifyTestMain(m)
}
