// Package agents knows the configured agents and the channels that each serves. It
// does not know how they are called.
package agents

// Agent is an Enjo agent: its name for people, and its bot ID in Enjo.
type Agent struct {
	Name  string
	BotID string
}

// Agents are the configured agents.
type Agents struct {
	// List has at least one; the first one is the default.
	List []Agent
	// Routes names the agent of a channel, by the channel's ID.
	Routes map[string]string
}

// OfChannel returns the name of a channel's agent.
func (a Agents) OfChannel(channel string) string {
	if name, ok := a.Routes[channel]; ok {
		return name
	}
	return a.List[0].Name
}

// BotID returns the bot ID of an agent; false if no agent has the name.
func (a Agents) BotID(name string) (string, bool) {
	for _, agent := range a.List {
		if agent.Name == name {
			return agent.BotID, true
		}
	}
	return "", false
}

// Names returns the names of all agents.
func (a Agents) Names() []string {
	var names []string
	for _, agent := range a.List {
		names = append(names, agent.Name)
	}
	return names
}

// DisplayName is the agent's name for people; empty if there is only one.
func (a Agents) DisplayName(name string) string {
	if len(a.List) == 1 {
		return ""
	}
	return name
}
