package storage

// Unsynced are faster options for tests that do not test power cuts.
var Unsynced = BoltOptions{noSync: true}
