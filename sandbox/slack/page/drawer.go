package page

// drawerPatches returns the patches for the open drawer.
func (s *stream) drawerPatches() []patch {
	switch s.drawer {
	case "inspector":
		return s.logPatches()
	case "faults":
		html := s.fragment("injected", s.cards())
		if s.sent["injected"] == html {
			return nil
		}
		s.sent["injected"] = html
		return []patch{{ID: "injected", HTML: html}}
	}
	return nil
}

// logPatches returns the rows that are new or have changed since they were
// sent.
func (s *stream) logPatches() []patch {
	var patches []patch
	sent := make(map[string]string, inspected)
	for _, r := range s.rows(inspected) {
		sent[r.Key] = r.Outcome + r.Took
		if before, known := s.sent[r.Key]; known && before == sent[r.Key] {
			continue
		}
		patches = append(patches, patch{ID: "r" + r.Key, In: "log", HTML: s.fragment("row", r)})
	}
	s.sent = sent
	return patches
}
