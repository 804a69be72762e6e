//go:build !race

package sim_test

// racing says that the race detector is enabled, with which the tests are slow.
const racing = false
