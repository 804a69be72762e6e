package storage

// Move is a change of the ID of a channel; see [Store.MoveChannel].
type Move struct{ Team, From, To string }

// Thread returns the ID of a thread after the move.
func (m Move) Thread(id ThreadID) ThreadID {
	if id.Team == m.Team && id.Channel == m.From {
		id.Channel = m.To
	}
	return id
}

// Message returns the ID of a message after the move.
func (m Move) Message(id MessageID) MessageID {
	if id.Team == m.Team && id.Channel == m.From {
		id.Channel = m.To
	}
	return id
}

// Move gives the question, and those that it names, their IDs after a move.
func (q *Question) Move(m Move) {
	q.ID, q.Thread, q.Lead = m.Message(q.ID), m.Thread(q.Thread), m.Message(q.Lead)
	for _, list := range [][]MessageID{q.With, q.Again} {
		for i := range list {
			list[i] = m.Message(list[i])
		}
	}
}

// Move gives the thread, and the one that it continues, their IDs after a move.
func (t *Thread) Move(m Move) { t.ID, t.Continues = m.Thread(t.ID), m.Thread(t.Continues) }

// Prefixes returns the beginnings of the keys about a message or a thread of the channel, and
// those that replace them.
func (m Move) Prefixes() (from, to []string) {
	for _, kind := range messageKinds {
		from, to = append(from, kind+m.Team+"/"+m.From+"/"), append(to, kind+m.Team+"/"+m.To+"/")
	}
	return from, to
}
