package storage

// Unsynced are faster options for tests that do not test power cuts.
var Unsynced = BoltOptions{noSync: true}

// MigrationSteps are the steps of a migration, in order.
var MigrationSteps = []string{"copied", "renamed", "migrating to 2", "migrating to 3", "migrated"}

// AtStep returns options that call a function at each step of a migration.
func AtStep(call func(step string)) BoltOptions { return BoltOptions{step: call} }
