package storage

// Unsynced are the options for tests that do not ask what survives a power
// cut: they see the same, sooner.
var Unsynced = BoltOptions{noSync: true}
