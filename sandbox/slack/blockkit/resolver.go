package blockkit

import "time"

// Resolver provides the names of the workspace in which blocks are shown. A
// name is "" if the workspace does not know the id; then the id is shown.
type Resolver interface {
	// User returns the display name of a user, without "@".
	User(id string) string
	// Channel returns the name of a channel, without "#".
	Channel(id string) string
	// Usergroup returns the handle of a user group, without "@".
	Usergroup(id string) string
	// Zone is the time zone in which dates are shown; nil is UTC.
	Zone() *time.Location
	// Now is the reference time for "today" and "3 minutes ago".
	Now() time.Time
}

// named returns a name, or the id if the name is not known.
func named(name, id string) string {
	if name == "" {
		return id
	}
	return name
}
