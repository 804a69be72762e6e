package sim_test

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	runAsProcess()
	debug.SetGCPercent(400) // the tests create a thousand short-lived worlds
	goleak.VerifyTestMain(m)
}
