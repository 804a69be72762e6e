//go:build !race

package sim_test

// racing says that the race detector watches, under which everything is slow.
const racing = false
