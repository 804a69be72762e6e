package settings

// Changes are the names of the settings that have other values than before.
type Changes struct {
	Live    []string // a running bot can use them
	Restart []string // they take effect at the next start
}

// Reread reads the env file, the files of secrets and the settings again, for a running
// bot that was started with the old ones. If the env file or a setting is invalid, it
// returns an error, mostly an *[Error], and the old ones should stay in use.
func Reread(old Config) (Config, Changes, error) {
	used.Lock()
	previous := used.file
	err := use(previous.path)
	used.Unlock()
	if err != nil {
		return Config{}, Changes{}, err
	}
	config, err := Read()
	if err != nil {
		used.Lock()
		replace(previous)
		used.Unlock()
		return Config{}, Changes{}, err
	}
	return config, old.given.changes(config.given), nil
}

// changes compares the settings with newer ones.
func (env *environment) changes(newer environment) (c Changes) {
	before := make(map[string]string)
	for s, value := range env.all() {
		before[s.name] = textOf(value)
	}
	for s, value := range newer.all() {
		switch {
		case before[s.name] == textOf(value):
		case s.live:
			c.Live = append(c.Live, s.name)
		default:
			c.Restart = append(c.Restart, s.name)
		}
	}
	return c
}

// textOf returns the value of a setting, with secrets. It must not be shown.
func textOf(value any) string {
	switch v := value.(type) {
	case *secret:
		return v.reveal()
	case *string:
		return *v
	}
	return ""
}
