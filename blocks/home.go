package blocks

import "github.com/slack-go/slack"

// HomeTab is the app's home tab, for views.publish.
type HomeTab = slack.HomeTabViewRequest

// HomeView is the content of the app's home tab. All of it is plain text.
type HomeView struct {
	Agents []HomeAgent
	// Waiting is a sentence about the queue; empty for none.
	Waiting string
	// Outage is a sentence about what does not work now; empty if everything
	// works.
	Outage string
	// Tickets are the reader's, the latest first.
	Tickets []TicketLine
	// TicketNews says that the reader gets a direct message when a ticket changes.
	TicketNews bool
}

// HomeAgent is an available agent.
type HomeAgent struct {
	Name    string
	Default bool // answers unless another agent is configured
}

// agentsShown limits the list of agents.
const agentsShown = 50

// Home returns the app's home tab.
func Home(h HomeView) HomeTab {
	blocks := []slack.Block{slack.NewHeaderBlock(plainObject(titleHome.Text()))}
	if outage := shorten(oneLine(h.Outage), noticeLimit, plainCost); !blank(outage) {
		blocks = append(blocks, slack.NewSectionBlock(plainObject("⚠️ "+outage), nil, nil))
	}
	blocks = append(blocks, slack.NewSectionBlock(mrkdwnObject(helpHome.Text()), nil, nil))
	blocks = append(blocks, homeTickets(h)...)
	if lines := agentLines(h.Agents); len(lines) > 0 {
		blocks = append(blocks, slack.NewDividerBlock())
		blocks = append(blocks, asBlocks(lineSections(lines, mrkdwnObject))...)
	}
	if waiting := shorten(oneLine(h.Waiting), noticeLimit, plainCost); !blank(waiting) {
		blocks = append(blocks, slack.NewContextBlock("", plainObject(waiting)))
	}
	return HomeTab{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// homeTickets returns the reader's tickets, with the switch for updates about
// them.
func homeTickets(h HomeView) []slack.Block {
	news := button(Button{ActionID: ActionTicketNews, Text: buttonNewsOn.Text(), Value: NewsOn})
	says := SayNewsOff.Text()
	if h.TicketNews {
		news = button(Button{ActionID: ActionTicketNews, Text: buttonNewsOff.Text(), Value: NewsOff})
		says = SayNewsOn.Text()
	}
	blocks := []slack.Block{slack.NewDividerBlock(), slack.NewHeaderBlock(plainObject(titleTickets.Text()))}
	blocks = append(blocks, asBlocks(lineSections(ticketLines(h.Tickets), mrkdwnObject))...)
	return append(blocks, slack.NewSectionBlock(plainObject(says), nil, slack.NewAccessory(news)))
}

// agentLines lists the agents, if there is more than one.
func agentLines(agents []HomeAgent) []string {
	if len(agents) < 2 {
		return nil
	}
	var lines []string
	for _, a := range agents[:min(len(agents), agentsShown)] {
		name := shorten(oneLine(a.Name), 100, runeCost)
		if blank(name) {
			continue
		}
		line := "• " + literal(name, ' ')
		if a.Default {
			line += " " + labelDefaultAgent.Text()
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	lines = withMore(lines, len(agents)-agentsShown)
	return append([]string{"*" + titleAgents.Text() + "*"}, lines...)
}
